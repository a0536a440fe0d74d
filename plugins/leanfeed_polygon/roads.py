"""The cheapest way to fill gaps: ranges of one ticker, or whole days of the market."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from typing import Protocol

from leanfeed.errors import SourceError
from leanfeed.values import Delivery, Gap, Resolution, SecurityType, Series, TickType
from leanfeed_polygon.downloads import Outcome, downloads
from leanfeed_polygon.market_days import market_days
from leanfeed_polygon.plan_limits import AnyQuestion
from leanfeed_polygon.windows import Timespan

__all__ = ["Road", "roads", "served_by_market_days"]


class Road(Protocol):
    """Some gaps, what to ask for them, and what becomes of the answers."""

    @property
    def questions(self) -> Sequence[AnyQuestion]:
        """One request each, unless pages follow."""
        ...

    def deliveries(self, outcomes: Iterator[Outcome]) -> Iterator[Delivery | SourceError]:
        """Sessions, oldest first within a series, and an error for what cannot be used.

        Takes one outcome for each question, in their order, and no more.
        """
        ...

    def detour(self, errors: Sequence[SourceError]) -> Sequence[Road]:
        """Other roads to the same gaps when this one led nowhere; none if they would not help."""
        ...


def roads(gaps: Sequence[Gap], *, day_from: Timespan) -> tuple[Road, ...]:
    """Fill all gaps with the fewest requests; days are made from `day_from`."""
    daily = [gap for gap in gaps if day_from is Timespan.DAY and _has_market_days(gap.series)]
    chosen = served_by_market_days([[s.date for s in gap.sessions] for gap in daily])
    grouped = [daily[position] for position in sorted(chosen)]
    series = {gap.series for gap in grouped}
    ranges = downloads([gap for gap in gaps if gap.series not in series], day_from=day_from)
    return (*ranges, market_days(grouped)) if grouped else ranges


def _has_market_days(series: Series) -> bool:
    symbol = series.symbol
    return (
        series.resolution is Resolution.DAILY
        and series.tick_type is TickType.TRADE
        and symbol.security_type is SecurityType.EQUITY
        and symbol.market == "usa"
    )


def served_by_market_days(missing: Sequence[Collection[dt.date]]) -> frozenset[int]:
    """Choose which tickers, by position, are served by whole days of the market.

    A range of days is one request for a ticker, however long it is. The k tickers that lack most
    get one each, the others share one request for each day that any of them lacks; k is what makes
    the sum least. Where two are equal, more ranges: they are the smaller answers.

    Args:
        missing: the days that each ticker lacks.
    """
    order = sorted(range(len(missing)), key=lambda position: -len(missing[position]))
    days: set[dt.date] = set()
    fewest, ranges = len(order), len(order)
    for k in reversed(range(len(order))):
        days.update(missing[order[k]])
        if k + len(days) < fewest:
            fewest, ranges = k + len(days), k
        if len(days) >= fewest:
            break  # there will only be more of them
    return frozenset(order[ranges:])
