"""``leanfeed plan``: what is missing, without asking anybody for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from leanfeed.cli.command import LeanfeedCommand
from leanfeed.cli.exit_codes import ExitCode
from leanfeed.cli.out_files import OUT_FILE, in_a_folder, store
from leanfeed.cli.request_options import given, json_option, request_options
from leanfeed.cli.running import tell_surroundings

__all__ = ["plan"]

_EXAMPLES = """\b
Examples:
  leanfeed plan SPY --resolution minute,daily --start 2024-01-02 --end 2024-01-05
  leanfeed plan @universe.txt --resolution daily --start 2020-01-02 --out plan.json

\b
Exit codes:
  0    the plan is made, whatever is missing
  1    something unexpected, or the file of --out cannot be written
  2    the command line is wrong
  4    the configuration is wrong
  10   with --detailed-exitcode: there is something to fetch
"""


@click.command(cls=LeanfeedCommand, epilog=_EXAMPLES)
@request_options
@click.option(
    "--out",
    metavar="FILE",
    type=OUT_FILE,
    callback=in_a_folder,
    help="Save the plan there, for `leanfeed apply`.",
)
@click.option(
    "--detailed-exitcode", is_flag=True, help="End with 10 when there is something to fetch."
)
@json_option
@click.pass_context
def plan(
    context: click.Context,
    /,
    *,
    out: Path | None,
    detailed_exitcode: bool,
    as_json: bool,
    verbose: bool,
    **request: Any,
) -> None:
    """Say what is missing, and fetch nothing.

    Session by session, with the requests, the bytes and the time that each source would need. No
    file of the data folder is written and no provider is asked.

    SYMBOL is a ticker, several with commas, @FILE for a list in a file, or - for standard input.
    """
    from leanfeed import pipeline

    if not as_json:
        tell_surroundings(request)
    result = pipeline.plan(**given(request))
    click.echo(result.to_json() if as_json else result)
    if out is not None:
        store(out, result.to_json() + "\n")
        click.echo(f"Saved: leanfeed apply {out} fetches it.", err=True)
    has_work = detailed_exitcode and bool(result.gaps)
    context.exit(ExitCode.WORK_TO_DO if has_work else ExitCode.COMPLETE)
