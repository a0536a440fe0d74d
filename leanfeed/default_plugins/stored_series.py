"""Which series of the data folder hold the symbols that are asked for, by ticker and date."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter

from attrs import evolve, frozen

from leanfeed.errors import InvalidRequestError
from leanfeed.lean.map_files import Mapped
from leanfeed.request import Request
from leanfeed.values import Series, Session, Symbol

__all__ = ["Stored", "check_files", "stored_series", "unlisted"]

_date = attrgetter("date")


@frozen
class Stored:
    """A series of the data folder, and what of the request it holds."""

    series: Series
    #: Which symbols were asked for, each with the dates on which it had the ticker of the series.
    asked: tuple[tuple[Symbol, Mapped], ...]

    @property
    def asked_as(self) -> tuple[Symbol, ...]:
        """The symbols that were asked for."""
        if len(self.asked) == 1:
            return (self.asked[0][0],)
        return tuple(dict.fromkeys(symbol for symbol, _ in self.asked))

    def holds(self, first: dt.date, last: dt.date) -> bool:
        """One of the symbols had the ticker of the series on all dates between the two."""
        return any(mapped.first <= first and last <= mapped.last for _, mapped in self.asked)

    def of(self, sessions: Sequence[Session]) -> tuple[Session, ...]:
        """Those of the sessions, oldest first, that the series holds, each once."""
        parts = [_between(sessions, mapped.first, mapped.last) for _, mapped in self.asked]
        if len(parts) == 1:
            return parts[0]
        return tuple(sorted({session for part in parts for session in part}, key=_date))


def stored_series(
    request: Request, changes: Mapping[Symbol, Sequence[Mapped]]
) -> tuple[Stored, ...]:
    """Every series that may hold something of the request, in its order, older tickers first.

    Args:
        request: what is asked.
        changes: the tickers of each of its symbols over time.
    """
    found: dict[Series, list[tuple[Symbol, Mapped]]] = {}
    for series in request.series:
        for mapped in changes[series.symbol]:
            is_same = mapped.symbol is series.symbol
            stored = series if is_same else evolve(series, symbol=mapped.symbol)
            found.setdefault(stored, []).append((series.symbol, mapped))
    return tuple(Stored(series, tuple(asked)) for series, asked in found.items())


def unlisted(sessions: Sequence[Session], changes: Sequence[Mapped]) -> tuple[Session, ...]:
    """Those of the sessions, oldest first, that lie before the listing or after the delisting."""
    before = sessions[: bisect_left(sessions, changes[0].first, key=_date)]
    after = sessions[bisect_right(sessions, changes[-1].last, key=_date) :]
    return (*before, *after)


def check_files(symbols: Iterable[Symbol]) -> None:
    """Refuse symbols that LEAN cannot tell apart.

    Raises:
        InvalidRequestError: two of them differ, but share a file.
    """
    by_file: dict[tuple[str, ...], Symbol] = {}
    for symbol in symbols:
        key = (symbol.security_type, symbol.market, symbol.file_ticker)
        other = by_file.setdefault(key, symbol)
        if other != symbol:
            raise InvalidRequestError(
                f"By the map files {other} and {symbol} are needed, which LEAN keeps both in the "
                f"file {symbol.file_ticker}: ask for them in separate data folders."
            )


def _between(sessions: Sequence[Session], first: dt.date, last: dt.date) -> tuple[Session, ...]:
    start = bisect_left(sessions, first, key=_date)
    return tuple(sessions[start : bisect_right(sessions, last, lo=start, key=_date)])
