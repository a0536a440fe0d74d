"""Daily gaps of many symbols, filled from whole days of the market."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from heapq import merge
from itertools import groupby

from attrs import frozen

from leanfeed.bars import Bars
from leanfeed.errors import SourceError
from leanfeed.values import Delivery, Gap, Series, Session
from leanfeed_polygon.answers import Answer
from leanfeed_polygon.downloads import Download, Outcome, daily_delivery, downloads
from leanfeed_polygon.grouped import MarketQuestion
from leanfeed_polygon.refusals import QuestionRefusedError
from leanfeed_polygon.symbols import provider_ticker
from leanfeed_polygon.windows import Timespan

__all__ = ["MarketDays", "market_days"]


@frozen(eq=False)
class MarketDays:
    """Daily gaps, whose symbols share one answer a day."""

    gaps: tuple[Gap, ...]
    #: One for each session of any gap, oldest first.
    questions: tuple[MarketQuestion, ...]

    def deliveries(self, outcomes: Iterator[Outcome]) -> Iterator[Delivery | SourceError]:
        """The sessions asked for, day by day, from one outcome for each question; and errors.

        A ticker without a row was not traded that day.
        """
        pairs = merge(*map(_line, self.gaps), key=_date)
        for (_, asked), outcome in zip(groupby(pairs, key=_date), outcomes, strict=False):
            if isinstance(outcome, SourceError):
                yield outcome
            elif outcome is not None:
                yield from _of_day(asked, outcome)

    def detour(self, errors: Sequence[SourceError]) -> Sequence[Download]:
        """A range for each symbol, where the provider does not want to be asked for whole days."""
        if not all(isinstance(error, QuestionRefusedError) for error in errors):
            return ()
        return downloads(self.gaps, day_from=Timespan.DAY)


def market_days(gaps: Sequence[Gap]) -> MarketDays:
    """Ask for every day that one of the gaps lacks."""
    by_date = {session.date: session for gap in gaps for session in gap.sessions}
    tickers = frozenset(provider_ticker(gap.series.symbol) for gap in gaps)
    questions = (MarketQuestion(by_date[date], tickers) for date in sorted(by_date))
    return MarketDays(tuple(gaps), tuple(questions))


def _line(gap: Gap) -> Iterator[tuple[Series, Session]]:
    return ((gap.series, session) for session in gap.sessions)


def _date(pair: tuple[Series, Session]) -> dt.date:
    return pair[1].date


def _of_day(
    asked: Iterator[tuple[Series, Session]], answer: Answer
) -> Iterator[Delivery | SourceError]:
    for series, session in asked:
        ticker = provider_ticker(series.symbol)
        if ticker in answer.faults:
            yield answer.faults[ticker]
        elif session in answer.sessions:
            bars = answer.bars.get(ticker, Bars.empty())
            yield daily_delivery(series, session, bars=bars, request_id=answer.request_id)
