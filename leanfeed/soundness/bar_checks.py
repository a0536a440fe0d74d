"""Bars against the grid of their resolution, the hours of their sessions and plain sense."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from leanfeed.lean.local_time import DAY
from leanfeed.soundness.calendar import Calendar, on_the_clock
from leanfeed.soundness.findings import AuditFinding
from leanfeed.soundness.kinds import Kind
from leanfeed.soundness.rows import Rows
from leanfeed.values import Resolution, SecurityType, Series, Session, TickType

__all__ = ["check_bars"]

Mask = npt.NDArray[np.bool_]
Positions = npt.NDArray[np.int64]


def check_bars(
    rows: Rows,
    series: Series,
    path: str,
    calendar: Calendar | None,
    *,
    firsts: Positions | None = None,
) -> Iterator[AuditFinding]:
    """What is the matter with the bars of one file, one finding for each kind of fault.

    Args:
        rows: the bars.
        series: what the file holds.
        path: named in the findings.
        calendar: of its market; None when nobody knows it.
        firsts: of a chain, the position of the first row of each contract.
    """
    for kind, wrong in _faults(rows, series, calendar, firsts):
        if wrong.any():
            first = int(np.argmax(wrong))
            others = int(np.count_nonzero(wrong)) - 1
            more = f", and {others} more" if others else ""
            text = f"the bar of {_at(rows, first)}{more}"
            yield AuditFinding(kind, path, text, series, rows.days_of(wrong))
    if calendar is None:
        yield AuditFinding(Kind.UNCHARTED, path, f"no hours are known of {series.symbol}", series)
        return
    unknown = tuple(date for date in rows.dates if not calendar.knows(date))
    if unknown:
        yield AuditFinding(Kind.UNCHARTED, path, _days(unknown), series, unknown)
    closed = tuple(d for d in rows.dates if calendar.knows(d) and calendar.session(d) is None)
    if closed:
        yield AuditFinding(Kind.NO_SESSION, path, _days(closed), series, closed)


def _faults(
    rows: Rows, series: Series, calendar: Calendar | None, firsts: Positions | None
) -> Iterator[tuple[Kind, Mask]]:
    steps = np.diff(rows.day * DAY + rows.clock, prepend=-1)
    if firsts is not None:
        steps[firsts] = DAY
    yield Kind.UNSORTED, steps < 0
    yield Kind.DUPLICATE, steps == 0
    yield Kind.OFF_GRID, rows.clock % series.resolution.milliseconds != 0
    is_equity = series.symbol.security_type is SecurityType.EQUITY
    # LEAN's own bars of currencies and indices keep other hours than LEAN's calendar.
    if is_equity and calendar is not None and series.resolution is not Resolution.DAILY:
        sessions = [calendar.session(date) for date in rows.dates]
        yield Kind.OUTSIDE_SESSION, _is_outside(rows, series, sessions)
    for side in rows.sides:
        bad = (side.low > np.fmin(side.open, side.close)) | (side.low > side.high)
        bad |= side.high < np.fmax(side.open, side.close)
        if is_equity and len(rows.sides) == 1:
            bad |= side.low <= 0
        yield Kind.BAD_PRICE, bad
        yield Kind.BAD_VOLUME, side.size < 0


def _is_outside(rows: Rows, series: Series, sessions: list[Session | None]) -> Mask:
    """Bars of days without a session are not: they are another kind of fault."""
    step = series.resolution.milliseconds
    bounds = np.array([_bounds(session, step) for session in sessions], dtype=np.int64)
    first, last = bounds[rows.day].T
    if series.tick_type is TickType.QUOTE:
        last = last + step  # LEAN's own samples have a last row at the very end
    outside: Mask = (rows.clock < first) | (rows.clock >= last)
    return outside


def _bounds(session: Session | None, step: int) -> tuple[int, int]:
    if session is None:
        return 0, DAY
    start, end = on_the_clock(session, session.extended)
    # LEAN stamps an hour bar with its full hour, which may begin before the market opens.
    return start // step * step, end


def _at(rows: Rows, row: int) -> str:
    date = rows.dates[int(rows.day[row])]
    midnight = dt.datetime(date.year, date.month, date.day)
    return f"{midnight + dt.timedelta(milliseconds=int(rows.clock[row]))}"


def _days(dates: tuple[dt.date, ...]) -> str:
    if len(dates) == 1:
        return f"{dates[0]}"
    return f"{len(dates)} days from {dates[0]} to {dates[-1]}"
