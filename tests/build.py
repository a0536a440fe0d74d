"""Small builders that tests share: sessions, bars, and a source that answers from memory."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from attrs import define, field

from leanfeed import Bars, Delivery, Gap, Resolution, Series, Session, SourceError, Symbol
from leanfeed.lean.market_hours import market_hours


def sessions(start: str, end: str) -> tuple[Session, ...]:
    """US equity sessions, both dates inclusive."""
    dates = (dt.date.fromisoformat(day) for day in (start, end))
    return market_hours(Symbol("SPY")).sessions(*dates)


def series(ticker: str = "SPY", resolution: str = "minute") -> Series:
    return Series(Symbol(ticker), Resolution(resolution))


def bars(
    session: Session, resolution: str = "minute", *, count: int = 5, price: float = 100.0
) -> Bars:
    """The first bars of the regular session, one after the other; one bar when daily."""
    step = Resolution(resolution).milliseconds
    if resolution == "daily":
        start, count = session.day[0], 1
    else:
        start = session.day[0] + (session.regular[0][0] - session.day[0]) // step * step
    rise = np.arange(count) / 100
    return Bars(
        start + np.arange(count) * step,
        price + rise,
        price + rise + 0.5,
        price + rise - 0.5,
        price + rise + 0.25,
        np.arange(count) + 100,
    )


@define
class MemorySource:
    """Has an answer for every session, but those in `lacks`; the `empty` ones had no trading.

    After `fails_after` deliveries it raises `error`.
    """

    lacks: frozenset[str] = frozenset()
    empty: frozenset[str] = frozenset()
    error: Exception = field(factory=lambda: SourceError("the wire is cut; mend it"))
    fails_after: int | None = None
    price: float = 100.0
    only: frozenset[str] = frozenset(Resolution)
    asked: list[Gap] = field(factory=list)
    given: Mapping[tuple[Series, Session], Bars] = field(factory=dict)

    def supports(self, series: Series) -> bool:
        return series.resolution in self.only

    def fetch(self, gaps: Sequence[Gap]) -> Iterator[Delivery]:
        self.asked += gaps
        pairs = [(gap.series, session) for gap in gaps for session in gap.sessions]
        for count, (line, session) in enumerate(pairs):
            if count == self.fails_after:
                raise self.error
            if str(session) in self.lacks:
                continue
            made = bars(session, line.resolution, price=self.price)
            if str(session) in self.empty:
                made = Bars.empty()
            yield Delivery(line, session, self.given.get((line, session), made), request_id="r-1")

    @property
    def asked_sessions(self) -> list[str]:
        return [str(session) for gap in self.asked for session in gap.sessions]
