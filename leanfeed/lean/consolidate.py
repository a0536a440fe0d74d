"""Hour and daily bars from finer ones, cut as LEAN cuts its own files: regular hours only."""

from __future__ import annotations

import numpy as np

from leanfeed.bars import Bars, TimeColumn
from leanfeed.lean.decimals import decimal_sum
from leanfeed.lean.local_time import HOUR, local_times
from leanfeed.lean.market_hours import zone
from leanfeed.values import Session

__all__ = ["daily", "hourly"]


def hourly(bars: Bars, session: Session) -> Bars:
    """One bar for each full hour of the wall clock in which regular trading took place.

    Each is stamped with the start of its hour: LEAN's 09:00 bar of a US equity covers 09:30 to
    10:00, as its sample files show.

    Args:
        bars: second or minute bars of the session, ascending.
        session: its regular hours and its time zone decide.
    """
    bars = _regular(bars, session)
    local = local_times(bars.time, zone(session.time_zone))
    return _joined(bars, bars.time - local % HOUR)


def daily(bars: Bars, session: Session) -> Bars:
    """One bar for the session, stamped with its midnight; none when nothing was traded.

    Args:
        bars: bars of the session that are finer than an hour, ascending.
        session: its regular hours decide.
    """
    bars = _regular(bars, session)
    return _joined(bars, np.full(len(bars), session.day[0]))


def _regular(bars: Bars, session: Session) -> Bars:
    return Bars.concat([bars.between(start, end) for start, end in session.regular])


def _joined(bars: Bars, starts: TimeColumn) -> Bars:
    """One bar for each run of equal `starts`."""
    if not len(bars):
        return Bars.empty()
    first = np.flatnonzero(np.diff(starts, prepend=starts[0] - 1))
    last = np.append(first[1:], len(bars)) - 1
    return Bars(
        time=starts[first],
        open=bars.open[first],
        high=np.maximum.reduceat(bars.high, first),
        low=np.minimum.reduceat(bars.low, first),
        close=bars.close[last],
        volume=[decimal_sum(part) for part in np.split(bars.volume, first[1:])],
    )
