"""Bars of a session."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import strategies as st

from leanfeed.bars import Bars, QuoteBars
from leanfeed.testing.strategies.days import us_sessions
from leanfeed.testing.strategies.numbers import nasty_prices, nasty_volumes
from leanfeed.values import Resolution, Series, Session, TickType

__all__ = ["bars", "quote_bars", "session_bars"]

_PRICES = nasty_prices()
_VOLUMES = nasty_volumes()
_UNQUOTED = (math.nan, math.nan, math.nan, math.nan, 0.0)

_Values = tuple[float, ...]


@st.composite
def bars(
    draw: st.DrawFn,
    session: Session,
    resolution: Resolution,
    *,
    price: st.SearchStrategy[float] | None = None,
    volume: st.SearchStrategy[float] = _VOLUMES,
    max_size: int = 20,
) -> Bars:
    """Valid trade bars of a session: ascending, on the grid, low below and high above the rest.

    They lie in the extended hours; the daily bar is stamped with its midnight. Prices are those
    of :func:`nasty_prices`, and often fall within the session as on the day of a split, unless
    you say which `price` you want.
    """
    rows = draw(
        _rows(session, resolution, _sides(_PRICES if price is None else price, volume), max_size)
    )
    if price is None and rows:
        first, ratio = draw(st.integers(0, len(rows) - 1)), draw(st.sampled_from((1, 1, 7, 20)))
        rows[first:] = [_split(row, ratio) for row in rows[first:]]
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


@st.composite
def session_bars(
    draw: st.DrawFn, of: Series, *, max_size: int = 20
) -> tuple[Session, Bars | QuoteBars]:
    """A session of US equities, and bars of the series in it."""
    (session,) = draw(us_sessions(max_size=1))
    if of.tick_type is TickType.QUOTE:
        return session, draw(quote_bars(session, of.resolution, max_size=max_size))
    return session, draw(bars(session, of.resolution, max_size=max_size))


def _sides(
    price: st.SearchStrategy[float], size: st.SearchStrategy[float]
) -> st.SearchStrategy[_Values]:
    def ordered(values: _Values) -> _Values:
        four = values[:4]
        return four[0], max(four), min(four), four[3], values[4]

    return st.tuples(price, price, price, price, size).map(ordered)


def _split(row: _Values, ratio: int) -> _Values:
    if ratio == 1:
        return row
    return row[0], *(max(round(price / ratio, 4), 0.0001) for price in row[1:5]), row[5]


def _rows(
    session: Session,
    resolution: Resolution,
    values: st.SearchStrategy[_Values],
    max_size: int,
) -> st.SearchStrategy[list[_Values]]:
    midnight, step = session.day[0], resolution.milliseconds
    start, end = session.extended
    # LEAN stamps an hour bar with its full hour, which may begin before the market opens.
    starts = range(midnight + (start - midnight) // step * step, end, step)
    if resolution is Resolution.DAILY:
        starts = range(midnight, midnight + 1)
    timed = st.tuples(st.sampled_from(starts), values).map(lambda row: (row[0], *row[1]))
    rows = st.lists(timed, unique_by=lambda row: row[0], max_size=max_size)
    return rows.map(sorted)
