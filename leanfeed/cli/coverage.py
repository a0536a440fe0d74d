"""``leanfeed coverage``: what the data folder holds, as a picture."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from leanfeed.cli.audit_options import audited, scope_options
from leanfeed.cli.command import LeanfeedCommand
from leanfeed.cli.out_files import OUT_FILE, in_a_folder, store
from leanfeed.cli.request_options import config_option, json_option

__all__ = ["coverage"]

_EXAMPLES = """\b
Examples:
  leanfeed coverage
  leanfeed coverage SPY AAPL --resolution minute --start 2024-01-02 --end 2024-06-28
  leanfeed coverage --resolution minute --html report.html

\b
Exit codes:
  0    it is shown, whatever is missing
  1    something unexpected, or the page cannot be written
  2    the command line is wrong
  4    the configuration is wrong, or there is no such folder
"""


@click.command(cls=LeanfeedCommand, epilog=_EXAMPLES)
@scope_options
@click.option(
    "--session",
    type=click.Choice(["extended", "regular"], case_sensitive=False),
    help="Hours that minute and second files should hold. [default: extended]",
)
@click.option(
    "--html",
    metavar="FILE",
    type=OUT_FILE,
    callback=in_a_folder,
    help="Write a page for the browser there, which needs nothing else.",
)
@config_option
@json_option
def coverage(
    *,
    session: str | None,
    html: Path | None,
    config: Path | None,
    as_json: bool,
    verbose: bool,
    **scope: Any,
) -> None:
    """Show which sessions are on disk.

    A calendar on a terminal, one line for each series elsewhere. Nothing is written to the data
    folder and no provider is asked. Without symbols everything is shown; with --start alone, up to
    the last session that is complete.

    SYMBOL is a ticker, several with commas, @FILE for a list in a file, or - for standard input.
    """
    from leanfeed.coverages.looking import coverage

    found = coverage(**audited(scope), session=session, config=config)
    if html is not None:
        store(html, found.to_html())
        click.echo(f"Written: {html}", err=True)
    if as_json:
        click.echo(found.to_json())
    elif sys.stdout.isatty():
        from leanfeed.cli.heat_map import show

        show(found)
    else:
        click.echo(found)
