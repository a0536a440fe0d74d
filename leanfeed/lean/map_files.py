"""LEAN's map files: which ticker a security had on which date."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from pathlib import Path

from attrs import evolve, frozen

from leanfeed.errors import ConfigurationError
from leanfeed.values import SecurityType, Symbol

__all__ = ["Mapped", "changes_of_each", "parse_map_file", "ticker_changes"]

_ONE_DAY = dt.timedelta(days=1)
#: The date, the ticker and, in newer files, the exchange.
_ROW = r"([0-9]{8}),([^,]+)(?:,[^,]*)?"


@frozen
class Mapped:
    """What a security was called on some dates."""

    symbol: Symbol
    #: Trading days, both inclusive.
    first: dt.date
    last: dt.date


def changes_of_each(
    data_folder: Path, symbols: Iterable[Symbol]
) -> dict[Symbol, tuple[Mapped, ...]]:
    """The :func:`ticker_changes` of many symbols.

    Raises:
        ConfigurationError: a map file cannot be read, or is not what LEAN writes.
    """
    symbols = tuple(symbols)
    markets = {symbol.market for symbol in symbols}
    # Many data folders have no map files: there one look does for a market.
    mapped = {market for market in markets if _may_be_there(_folder(data_folder, market))}
    return {
        symbol: ticker_changes(data_folder, symbol)
        if symbol.market in mapped
        else _unchanged(symbol)
        for symbol in symbols
    }


def ticker_changes(data_folder: Path, symbol: Symbol) -> tuple[Mapped, ...]:
    """The tickers of an equity over time, from ``equity/usa/map_files`` or its like.

    Options are kept under the ticker that their underlying had.

    The symbol's ticker is the name of the file. That is the *last* ticker the security had; for
    the second and further companies that ended with one ticker LEAN adds ``.1``, ``.2`` and so on.

    Returns:
        Disjoint, oldest first. The security is not listed on dates before the first and after the
        last. Without a map file it is `symbol` on every date.

    Raises:
        ConfigurationError: the map file cannot be read, or is not what LEAN writes.
    """
    if symbol.security_type not in (SecurityType.EQUITY, SecurityType.OPTION):
        return _unchanged(symbol)
    path = _folder(data_folder, symbol.market) / f"{symbol.file_ticker}.csv"
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        return _unchanged(symbol)
    except (OSError, UnicodeError) as error:
        raise ConfigurationError(
            f"The map file {path} cannot be read ({error}): put LEAN's own in its place."
        ) from None
    return parse_map_file(text, symbol, origin=str(path))


def _folder(data_folder: Path, market: str) -> Path:
    return data_folder / f"equity/{market}/map_files"


def _may_be_there(folder: Path) -> bool:
    """Unless the system says plainly that it is not."""
    try:
        folder.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        pass
    return True


def _unchanged(symbol: Symbol) -> tuple[Mapped, ...]:
    return (Mapped(symbol, dt.date.min, dt.date.max),)


def parse_map_file(text: str, symbol: Symbol, *, origin: str) -> tuple[Mapped, ...]:
    """The tickers that the text of a map file gives to the security of `symbol`.

    The date of a row is the last day on which its ticker is valid: a date is mapped by the first
    row that does not lie before it, as ``MapFile.GetMappedSymbol`` does. The first row is the first
    day with data, the last one the delisting, or a date far away. LEAN sorts the rows.

    Map files are lower case. Where the ticker is that of `symbol`, its spelling stays; any other is
    spelt in upper case.

    Args:
        text: the whole file.
        symbol: whose file it is.
        origin: the path of the file, for messages.

    Raises:
        ConfigurationError: a line is not a row, two rows disagree about a date, or there are none.
    """
    rows: dict[dt.date, Symbol] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            date, mapped = _parse_row(line, symbol)
        except ValueError as error:
            raise ConfigurationError(
                f"Line {number} of the map file {origin} reads {line[:40]!r} ({error}): "
                "it needs the last day of a ticker and the ticker, such as 20090804,wmi."
            ) from None
        if rows.setdefault(date, mapped) != mapped:
            raise ConfigurationError(
                f"Line {number} of the map file {origin} gives {date} to {mapped}, but an earlier "
                f"line gives it to {rows[date]}: remove one of them."
            )
    if not rows:
        raise ConfigurationError(
            f"The map file {origin} has no rows: put LEAN's own in its place, or delete it."
        )
    return _intervals(rows)


def _parse_row(line: str, symbol: Symbol) -> tuple[dt.date, Symbol]:
    match = re.fullmatch(_ROW, line)
    if match is None:
        raise ValueError("not a date and a ticker")
    day, ticker = match.groups()
    mapped = symbol if ticker.lower() == symbol.file_ticker else evolve(symbol, ticker=ticker)
    return dt.date.fromisoformat(day), mapped


def _intervals(rows: dict[dt.date, Symbol]) -> tuple[Mapped, ...]:
    """Join the rows of one ticker that follow one another."""
    found: list[Mapped] = []
    for date in sorted(rows):
        if found and found[-1].symbol == rows[date]:
            found[-1] = evolve(found[-1], last=date)
        else:
            first = found[-1].last + _ONE_DAY if found else date
            found.append(Mapped(rows[date], first, date))
    return tuple(found)
