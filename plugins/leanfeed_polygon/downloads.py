"""Which gaps the same pages fill, and how pages become deliveries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
from attrs import evolve, field, frozen

from leanfeed.bars import Bars
from leanfeed.errors import ContractError, SourceError
from leanfeed.lean.consolidate import daily, hourly
from leanfeed.values import Delivery, Gap, Resolution, Series, Session, Symbol
from leanfeed_polygon.answers import Answer, Question
from leanfeed_polygon.symbols import provider_ticker
from leanfeed_polygon.windows import Timespan, Window, interval, windows

__all__ = ["Download", "Outcome", "daily_delivery", "downloads"]

#: An answer, what made it unusable, or None: the plan of the key includes nothing of the question.
Outcome = Answer | SourceError | None


@frozen(eq=False)
class Download:
    """The gaps of one symbol that are filled from the same aggregates."""

    symbol: Symbol
    timespan: Timespan
    gaps: tuple[Gap, ...]
    #: Cover the sessions of all gaps.
    windows: tuple[Window, ...]
    _wanted: Mapping[Series, frozenset[Session]] = field(init=False)

    @_wanted.default
    def _sessions_by_series(self) -> Mapping[Series, frozenset[Session]]:
        return {gap.series: frozenset(gap.sessions) for gap in self.gaps}

    @property
    def questions(self) -> tuple[Question, ...]:
        """What to ask, window by window."""
        ticker = provider_ticker(self.symbol)
        return tuple(Question(ticker, self.timespan, window) for window in self.windows)

    def deliveries(self, outcomes: Iterator[Outcome]) -> Iterator[Delivery | SourceError]:
        """The sessions asked for, oldest first, from one outcome for each question; and errors.

        A session that a window's edge cuts is joined again. A session that an outcome does not
        speak of is left out, for the next source.
        """
        parts: list[Bars | None] = []
        for question, outcome in zip(self.questions, outcomes, strict=False):
            if isinstance(outcome, SourceError):
                yield outcome
            answer = outcome if isinstance(outcome, Answer) else _NO_ANSWER
            bars = answer.bars.get(question.ticker, Bars.empty())
            for session in question.sessions:
                start, end = interval(session, self.timespan)
                parts.append(bars.between(start, end) if session in answer.sessions else None)
                if end > question.window.end:
                    continue  # the next window has the rest
                whole = [part for part in parts if part is not None]
                if len(whole) == len(parts):
                    yield from self._of_session(session, Bars.concat(whole), answer.request_id)
                parts.clear()

    def detour(self, _errors: Sequence[SourceError]) -> Sequence[Download]:
        """There is none: ranges are the plainest way to ask."""
        return ()

    def _of_session(
        self, session: Session, bars: Bars, request_id: str
    ) -> Iterator[Delivery | SourceError]:
        for gap in self.gaps:
            series = gap.series
            if session not in self._wanted[series]:
                continue
            if self.timespan is Timespan.DAY:
                yield daily_delivery(series, session, bars=bars, request_id=request_id)
            else:
                yield Delivery(series, session, _joined(bars, series, session), request_id)


_NO_ANSWER = Answer(frozenset(), {}, "")


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


def _joined(bars: Bars, series: Series, session: Session) -> Bars:
    """A session's seconds or minutes as the bars of a series."""
    if series.resolution is Resolution.HOUR:
        return hourly(bars, session)
    return daily(bars, session) if series.resolution is Resolution.DAILY else bars


def daily_delivery(
    series: Series, session: Session, *, bars: Bars, request_id: str
) -> Delivery | ContractError:
    """A day's aggregate, which Polygon stamps 00:00 or 16:00 New York, from LEAN's midnight.

    One whose volume is 0 carries the last close on: nobody traded.
    """
    if len(bars) > 1:
        return ContractError(
            f"Polygon gives {len(bars)} daily bars of {series.symbol} for {session}. Nothing of "
            "them is used; run again, and tell Polygon if it stays."
        )
    traded = bars.rows(bars.volume > 0)
    stamped = evolve(traded, time=np.full(len(traded), session.day[0]))
    return Delivery(series, session, stamped, request_id)
