"""What each session of a series amounts to, so that it can be compared with its neighbours."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from attrs import fields, frozen

from leanfeed.soundness.calendar import Calendar, on_the_clock
from leanfeed.soundness.rows import Column, Rows
from leanfeed.values import Resolution, Session

__all__ = ["History", "joined", "summed_up"]


@frozen
class History:
    """Trade bars of the regular hours, summed up by session, oldest first."""

    sessions: tuple[Session, ...]
    #: How many of the bars that could be are there; 1.0 when every one is.
    filled: Column
    open: Column
    high: Column
    low: Column
    close: Column
    volume: Column

    def __len__(self) -> int:
        return len(self.sessions)


def summed_up(rows: Rows, resolution: Resolution, calendar: Calendar) -> History:
    """The sessions of one file of trade bars whose rows ascend.

    Days on which the market is closed, and sessions without a bar in regular hours, are left out.
    """
    sessions = [calendar.session(date) for date in rows.dates]
    is_open = np.array([session is not None for session in sessions])[rows.day]
    if resolution.is_file_per_session:
        is_open &= _is_regular(rows, sessions)
    kept = np.flatnonzero(is_open)
    day = rows.day[kept]
    first = np.flatnonzero(np.diff(day, prepend=-1))
    traded = [session for i in day[first].tolist() if (session := sessions[i]) is not None]
    if not traded:
        return joined([])
    bars = rows.sides[0]
    counts = np.diff(first, append=len(day))
    last = first + counts - 1
    return History(
        tuple(traded),
        counts / [_possible(session, resolution) for session in traded],
        bars.open[kept][first],
        np.maximum.reduceat(bars.high[kept], first),
        np.minimum.reduceat(bars.low[kept], first),
        bars.close[kept][last],
        np.add.reduceat(bars.size[kept], first),
    )


def joined(parts: Sequence[History]) -> History:
    """The sessions of all parts, which follow one another."""
    columns = [field.name for field in fields(History)][1:]
    return History(
        tuple(session for part in parts for session in part.sessions),
        *(np.concatenate([np.empty(0), *(getattr(part, c) for part in parts)]) for c in columns),
    )


def _is_regular(rows: Rows, sessions: Sequence[Session | None]) -> npt.NDArray[np.bool_]:
    """The file of one session: which of its bars lie in regular hours."""
    regular = np.zeros(len(rows), dtype=bool)
    for session in filter(None, sessions):
        for interval in session.regular:
            first, last = on_the_clock(session, interval)
            regular |= (rows.clock >= first) & (rows.clock < last)
    return regular


def _possible(session: Session, resolution: Resolution) -> int:
    """How many bars the regular hours hold when there is trading all the time."""
    if resolution is Resolution.DAILY:
        return 1
    step = resolution.milliseconds
    intervals = [on_the_clock(session, interval) for interval in session.regular]
    return max(1, sum(-(-last // step) - first // step for first, last in intervals))
