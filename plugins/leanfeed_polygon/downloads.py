"""Which gaps the same pages fill, and how pages become deliveries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from attrs import evolve, frozen

from leanfeed.bars import Bars
from leanfeed.errors import ContractError
from leanfeed.lean.consolidate import daily, hourly
from leanfeed.values import Delivery, Gap, Resolution, Series, Session, Symbol
from leanfeed_polygon.answers import Question
from leanfeed_polygon.pages import Answer
from leanfeed_polygon.symbols import provider_ticker
from leanfeed_polygon.windows import Timespan, Window, interval, windows

__all__ = ["Download", "downloads"]


@frozen(eq=False)
class Download:
    """The gaps of one symbol that are filled from the same aggregates."""

    symbol: Symbol
    timespan: Timespan
    gaps: tuple[Gap, ...]
    #: Cover the sessions of all gaps.
    windows: tuple[Window, ...]

    @property
    def questions(self) -> Iterator[Question]:
        """What to ask, window by window."""
        ticker = provider_ticker(self.symbol)
        return (Question(ticker, self.timespan, window) for window in self.windows)

    def deliveries(self, answers: Iterable[Answer | None]) -> Iterator[Delivery]:
        """The sessions asked for, oldest first, from one answer for each window.

        A session that a window's edge cuts is joined again. None stands for an answer that could
        not be used: every session it touches is left out, for the next source.

        Raises:
            ContractError: two daily bars belong to one day.
        """
        wanted = [(gap.series, {session.number for session in gap.sessions}) for gap in self.gaps]
        parts: list[Bars | None] = []
        for window, answer in zip(self.windows, answers, strict=False):
            for session in window.sessions:
                start, end = interval(session, self.timespan)
                parts.append(answer.bars.between(start, end) if answer else None)
                if end > window.end:
                    continue  # the next window has the rest
                whole = [part for part in parts if part is not None]
                if answer and len(whole) == len(parts):
                    bars = Bars.concat(whole)
                    for series, numbers in wanted:
                        if session.number in numbers:
                            fitting = _fit(bars, series, session, self.timespan)
                            yield Delivery(series, session, fitting, answer.request_id)
                parts.clear()


def downloads(gaps: Sequence[Gap], *, day_from: Timespan) -> tuple[Download, ...]:
    """Group gaps by what they are made from, in the order they first appear; days from `day_from`.

    Hours are always made from minutes: Polygon's hour bars start on the hour, so that the one of
    09:00 mixes half an hour before the opening with half an hour after it.
    """
    groups: dict[tuple[Symbol, Timespan], list[Gap]] = {}
    for gap in gaps:
        groups.setdefault((gap.series.symbol, _made_from(gap.series, day_from)), []).append(gap)
    return tuple(
        Download(symbol, timespan, tuple(group), windows(_union(group), timespan))
        for (symbol, timespan), group in groups.items()
    )


def _made_from(series: Series, day_from: Timespan) -> Timespan:
    if series.resolution is Resolution.SECOND:
        return Timespan.SECOND
    return day_from if series.resolution is Resolution.DAILY else Timespan.MINUTE


def _union(gaps: Iterable[Gap]) -> list[Session]:
    by_number = {session.number: session for gap in gaps for session in gap.sessions}
    return [by_number[number] for number in sorted(by_number)]


def _fit(bars: Bars, series: Series, session: Session, timespan: Timespan) -> Bars:
    """A session's aggregates as the bars of a series."""
    if timespan is Timespan.DAY:
        return _stamped(bars, series, session)
    if series.resolution is Resolution.HOUR:
        return hourly(bars, session)
    return daily(bars, session) if series.resolution is Resolution.DAILY else bars


def _stamped(bars: Bars, series: Series, session: Session) -> Bars:
    """The daily bar, which Polygon stamps 00:00 or 16:00 New York, from LEAN's midnight."""
    if len(bars) > 1:
        raise ContractError(
            f"Polygon gives {len(bars)} daily bars of {series.symbol} for {session}. Nothing of "
            "them is used; run again, and tell Polygon if it stays."
        )
    return evolve(bars, time=np.full(len(bars), session.day[0]))
