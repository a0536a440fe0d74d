"""The options that say what is looked at: all that lies in the data folder, unless given."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from leanfeed.cli.completion import complete_resolutions
from leanfeed.cli.symbol_lists import security_type_option, symbol_list, ticker_option

__all__ = ["audited", "scope_options"]

Decorated = TypeVar("Decorated", bound=Callable[..., object])

#: Each is named as the keyword of :func:`leanfeed.audit` that it becomes.
_SCOPE = (
    click.argument("symbols", nargs=-1, metavar="[SYMBOL...]", callback=symbol_list),
    ticker_option,
    security_type_option,
    click.option(
        "--resolution",
        multiple=True,
        metavar="NAME",
        shell_complete=complete_resolutions,
        help="Length of a bar: daily, hour, minute or second. Several with commas, or repeat this. "
        "[default: all]",
    ),
    click.option(
        "--start",
        metavar="DATE",
        help="First day, as 2024-01-02 or 20240102. [default: the first on disk]",
    ),
    click.option("--end", metavar="DATE", help="Last day, inclusive. [default: the last on disk]"),
    click.option(
        "--data-folder",
        metavar="FOLDER",
        type=click.Path(file_okay=False, path_type=Path),
        help="LEAN's data folder. "
        "[default: the configuration's, else the one that lean.json names, else data]",
    ),
)


def scope_options(command: Decorated) -> Decorated:
    """Give a command the symbols, resolutions and dates that it looks at."""
    for decorate in reversed(_SCOPE):
        command = decorate(command)
    return command


def audited(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options as keywords: symbols and resolutions split at commas and spaces."""
    scope = dict(options)
    tickers = scope.pop("ticker") or ()
    if scope["security_type"] is None:
        del scope["security_type"]
    return {
        **scope,
        "symbols": _list((*(options["symbols"] or ()), *tickers)),
        "resolution": _list(options["resolution"]),
    }


def _list(texts: Sequence[str]) -> str | None:
    return ",".join(" ".join(texts).replace(",", " ").split()) or None
