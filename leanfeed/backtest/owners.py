"""Who had a ticker on a day, by LEAN's map files: LEAN asks for files by the ticker of the day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Set
from pathlib import Path

from leanfeed.errors import InvalidRequestError
from leanfeed.lean.map_files import Mapped, ticker_changes
from leanfeed.values import Symbol

__all__ = ["owners"]


def owners(
    ticker: Symbol, dates: Iterable[dt.date], data_folder: Path
) -> dict[Symbol, set[dt.date]]:
    """Under which symbols to ask for what LEAN keeps under a ticker, each with its dates.

    ``GOOG`` before April 2014 is asked for as ``GOOGL``, which had that ticker then. Dates on which
    nobody had the ticker are left out. Without a map file a ticker is its own symbol.

    Raises:
        ConfigurationError: a map file cannot be read, or is not what LEAN writes.
    """
    left = set(dates)
    found: dict[Symbol, set[dt.date]] = {}
    for symbol, changes in _candidates(ticker, data_folder):
        if not left:
            break
        if held := _held(changes, ticker, left):
            found[symbol] = held
            left -= held
    return found


def _candidates(ticker: Symbol, data_folder: Path) -> Iterator[tuple[Symbol, tuple[Mapped, ...]]]:
    """The ticker's own map file, then those of others that mention it."""
    yield ticker, ticker_changes(data_folder, ticker)
    folder = data_folder / "equity" / ticker.market / "map_files"
    for path in sorted(folder.glob("*.csv")):
        if path.stem == ticker.file_ticker or f",{ticker.file_ticker}" not in _text(path):
            continue
        try:
            symbol = Symbol(path.stem, ticker.security_type, ticker.market)
        except InvalidRequestError:
            continue
        yield symbol, ticker_changes(data_folder, symbol)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig", errors="replace").lower()
    except OSError:
        return ""


def _held(changes: Iterable[Mapped], ticker: Symbol, dates: Set[dt.date]) -> set[dt.date]:
    """Those of the dates on which a symbol had the ticker."""
    return {
        date
        for mapped in changes
        if mapped.symbol.file_ticker == ticker.file_ticker
        for date in dates
        if mapped.first <= date <= mapped.last
    }
