"""``leanfeed why``: who gave a session, or why it is missing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from leanfeed.cli.command import LeanfeedCommand
from leanfeed.cli.completion import complete_resolutions
from leanfeed.cli.request_options import config_option, given, json_option
from leanfeed.cli.symbol_lists import security_type_option

__all__ = ["why"]

_EXAMPLES = """\b
Examples:
  leanfeed why data/equity/usa/minute/spy/20240103_trade.zip
  leanfeed why data/equity/usa/daily/spy.zip 2024-01-03
  leanfeed why SPY 2024-01-03 --resolution minute

\b
Exit codes:
  0    the answer is shown, whatever it is
  2    the command line is wrong, or the file is none of bars
  4    the configuration is wrong, or there is no such folder
"""


@click.command(cls=LeanfeedCommand, epilog=_EXAMPLES)
@click.argument("what", metavar="FILE|SYMBOL")
@click.argument("date", required=False, metavar="[DATE]")
@click.option(
    "--resolution",
    metavar="NAME",
    shell_complete=complete_resolutions,
    help="With a symbol, the length of a bar: daily, hour, minute or second.",
)
@security_type_option
@click.option(
    "--session",
    type=click.Choice(["extended", "regular"], case_sensitive=False),
    help="Hours that minute and second files should hold. [default: extended]",
)
@click.option(
    "--data-folder",
    metavar="FOLDER",
    type=click.Path(file_okay=False, path_type=Path),
    help="LEAN's data folder. [default: the one that FILE lies in; else as for `leanfeed ensure`]",
)
@config_option
@json_option
def why(*, what: str, date: str | None, as_json: bool, verbose: bool, **how: Any) -> None:
    """Say who gave a session, or why it is missing.

    With the source, the time, the provider's request id, the number of bars and their digest,
    compared with the file. Name a zip, whether it is there or not, or a symbol and a date. Nothing
    is written and no provider is asked.
    """
    from leanfeed.coverages.explaining import why

    answer = why(what, date, **given(how))
    click.echo(answer.to_json() if as_json else answer)
