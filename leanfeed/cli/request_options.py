"""The options that say what is asked, spelt as in the Lean CLI where it has them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from leanfeed.cli.completion import complete_resolutions, complete_sources
from leanfeed.cli.lean_run import AskedArgument, AskedOption
from leanfeed.cli.symbol_lists import security_type_option, symbol_list, ticker_option

__all__ = ["config_option", "given", "json_option", "request_options"]

Decorated = TypeVar("Decorated", bound=Callable[..., object])


def _words(
    _context: click.Context, _parameter: click.Parameter, texts: tuple[str, ...]
) -> tuple[str, ...] | None:
    """Split at commas and spaces; None when nothing at all was given."""
    if not texts:
        return None
    return tuple(word for text in texts for word in re.split(r"[,\s]+", text) if word)


config_option = click.option(
    "--config",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="The configuration file. [default: the nearest leanfeed.toml, from here upward]",
)

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON on standard output, and nothing else."
)

#: Each is named as the keyword of :func:`leanfeed.ensure` that it becomes.
_REQUEST = (
    click.argument(
        "symbols",
        cls=AskedArgument,
        nargs=-1,
        required=True,
        callback=symbol_list,
        metavar="SYMBOL...",
    ),
    ticker_option,
    security_type_option,
    click.option(
        "--resolution",
        cls=AskedOption,
        required=True,
        multiple=True,
        callback=_words,
        metavar="NAME",
        shell_complete=complete_resolutions,
        help="Length of a bar: daily, hour, minute or second. Several with commas, or repeat this.",
    ),
    click.option(
        "--start",
        cls=AskedOption,
        required=True,
        metavar="DATE",
        help="First day, as 2024-01-02 or 20240102.",
    ),
    click.option(
        "--end", metavar="DATE", help="Last day, inclusive. [default: the last complete session]"
    ),
    click.option(
        "--data-folder",
        metavar="FOLDER",
        type=click.Path(file_okay=False, path_type=Path),
        help="LEAN's data folder. "
        "[default: the configuration's, else the one that lean.json names, else data]",
    ),
    click.option(
        "--warmup",
        metavar="N",
        type=int,
        help="Sessions to add before the first day, for the indicators of a strategy.",
    ),
    click.option(
        "--session",
        type=click.Choice(["extended", "regular"], case_sensitive=False),
        help="Hours to store at minute and second resolution. [default: extended]",
    ),
    click.option(
        "--incomplete",
        type=click.Choice(["skip", "fetch"], case_sensitive=False),
        help="What to do about sessions that are not over yet. [default: skip]",
    ),
    click.option(
        "--refresh",
        multiple=True,
        callback=_words,
        metavar="WHAT",
        help="Sessions to fetch again although they are there: recent (the last seven days), all, "
        "changed (what its source has published anew), dates, or ranges such as "
        "2024-01-02..2024-01-05.",
    ),
    click.option(
        "--overwrite",
        is_flag=True,
        default=None,
        help="Refresh also files that leanfeed did not write.",
    ),
    click.option(
        "--verify",
        type=click.Choice(["quick", "checksum", "full"], case_sensitive=False),
        help="How closely to look at what is there: quick believes files that leanfeed knows by "
        "size and time, checksum opens every zip, full reads every row. [default: quick]",
    ),
    click.option(
        "--sources",
        multiple=True,
        callback=_words,
        metavar="NAMES",
        shell_complete=complete_sources,
        help="Sources to ask, in this order, with commas. "
        "[default: the configuration's, else polygon and then lean-cli where it is installed]",
    ),
    config_option,
)


def request_options(command: Decorated) -> Decorated:
    """Give a command the symbols, resolutions, dates and the rest of what can be asked."""
    for decorate in reversed(_REQUEST):
        command = decorate(command)
    return command


def given(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options without those that were not given: for them the configuration decides."""
    found = {name: value for name, value in options.items() if value is not None}
    tickers = found.pop("ticker", ())
    return {**found, "symbols": (*found.get("symbols", ()), *tickers)} if tickers else found
