"""Hypothesis strategies for prices, volumes, sessions and their bars, for the tests of plugins."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
from hypothesis import strategies as st

from leanfeed.bars import Bars, QuoteBars
from leanfeed.lean.local_time import HOUR, instants, wall_clock
from leanfeed.lean.market_hours import zone
from leanfeed.values import Interval, Resolution, Session

__all__ = ["bars", "prices", "quote_bars", "sessions", "volumes"]

_DATES = st.dates(dt.date(2000, 1, 1), dt.date(2030, 12, 31))
_UNQUOTED = (math.nan, math.nan, math.nan, math.nan, 0.0)


def prices(*, decimals: int = 4, maximum: float = 1e6) -> st.SearchStrategy[float]:
    """Prices above zero, each the float64 nearest to a decimal of at most `decimals` places."""
    unit = 10**decimals
    return st.integers(1, int(maximum * unit)).map(lambda units: units / unit)


def volumes(*, decimals: int = 0, maximum: float = 1e9) -> st.SearchStrategy[float]:
    """Volumes from zero, with at most `decimals` places."""
    unit = 10**decimals
    return st.integers(0, int(maximum * unit)).map(lambda units: units / unit)


_PRICES = prices()
_VOLUMES = volumes()


@st.composite
def sessions(
    draw: st.DrawFn,
    *,
    time_zone: str = "America/New_York",
    dates: st.SearchStrategy[dt.date] = _DATES,
    extended: tuple[int, int] = (4, 20),
) -> Session:
    """Sessions with the usual hours of US equities, 09:30 to 16:00, on the clocks of any zone.

    Args:
        draw: given by Hypothesis.
        time_zone: the data time zone.
        dates: any from 2000 to 2030 when left out, weekends and holidays too.
        extended: full hours at which trading begins and ends.
    """
    date = draw(dates)

    def between(start: float, end: float) -> Interval:
        walls = [wall_clock(date) + int(hour * HOUR) for hour in (start, end)]
        first, last = instants(np.array(walls), zone(time_zone)).tolist()
        return first, last

    return Session(
        date=date,
        number=date.toordinal(),
        time_zone=time_zone,
        day=between(0, 24),
        regular=(between(9.5, 16),),
        extended=between(*extended),
    )


@st.composite
def bars(
    draw: st.DrawFn,
    session: Session,
    resolution: Resolution,
    *,
    price: st.SearchStrategy[float] = _PRICES,
    volume: st.SearchStrategy[float] = _VOLUMES,
    max_size: int = 20,
) -> Bars:
    """Valid trade bars of a session: ascending, on the grid, low below and high above the rest.

    Minute and second bars lie in the extended hours, hour bars anywhere in the session's day; the
    daily bar is stamped with its midnight.
    """
    side = _sides(price, volume)
    rows = draw(_rows(session, resolution, side, max_size))
    return Bars(*np.array(rows).T) if rows else Bars.empty()


@st.composite
def quote_bars(
    draw: st.DrawFn,
    session: Session,
    resolution: Resolution,
    *,
    price: st.SearchStrategy[float] = _PRICES,
    size: st.SearchStrategy[float] = _VOLUMES,
    max_size: int = 20,
) -> QuoteBars:
    """Quote bars of a session, as :func:`bars`; now and then nobody quotes one of the sides."""
    side = st.just(_UNQUOTED) | _sides(price, size)
    both = st.tuples(side, side).map(lambda sides: (*sides[0], *sides[1]))
    rows = draw(_rows(session, resolution, both, max_size))
    return QuoteBars(*np.array(rows).T) if rows else QuoteBars.empty()


def _sides(
    price: st.SearchStrategy[float], size: st.SearchStrategy[float]
) -> st.SearchStrategy[tuple[float, ...]]:
    def ordered(values: tuple[float, ...]) -> tuple[float, ...]:
        four = values[:4]
        return four[0], max(four), min(four), four[3], values[4]

    return st.tuples(price, price, price, price, size).map(ordered)


def _rows(
    session: Session,
    resolution: Resolution,
    values: st.SearchStrategy[tuple[float, ...]],
    max_size: int,
) -> st.SearchStrategy[list[tuple[float, ...]]]:
    hours = session.extended if resolution.is_file_per_session else session.day
    step = resolution.milliseconds
    starts = range(*hours, step) if resolution is not Resolution.DAILY else range(*hours)[:1]
    timed = st.tuples(st.sampled_from(starts), values).map(lambda row: (row[0], *row[1]))
    rows = st.lists(timed, unique_by=lambda row: row[0], max_size=max_size)
    return rows.map(sorted)
