"""Which trading days a shared file has lost when some of its lines cannot be read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

from leanfeed.soundness.calendar import Calendar
from leanfeed.values import Resolution

__all__ = ["days_of_bad_lines"]

_DATE = slice(8)


def days_of_bad_lines(
    lines: Sequence[bytes],
    bad: Collection[int],
    resolution: Resolution,
    calendar: Calendar | None,
) -> tuple[dt.date, ...]:
    """The days that have to be fetched again, so that the file holds what it did.

    A bad line that starts with a date has lost something of that day. One that does not may have
    been of any day between its neighbours; where none lies between, it is laid to its neighbour,
    because the file has to be written again for it to go.
    """
    positions = frozenset(bad)
    known = [None if i in positions else _date(line) for i, line in enumerate(lines)]
    days: set[dt.date] = set()
    for i in positions:
        own = _date(lines[i])
        if own is not None and (calendar is None or calendar.session(own)):
            days.add(own)
            continue
        before = next((day for day in reversed(known[:i]) if day), None)
        after = next((day for day in known[i + 1 :] if day), None)
        days |= _between(before, after, resolution, calendar)
    return tuple(sorted(days))


def _between(
    before: dt.date | None,
    after: dt.date | None,
    resolution: Resolution,
    calendar: Calendar | None,
) -> set[dt.date]:
    ends = {day for day in (before, after) if day}
    between: set[dt.date] = set()
    if before and after and calendar:
        between = {session.date for session in calendar.between(before, after)} - ends
    if resolution is Resolution.HOUR:
        return between | ends
    return between or set(sorted(ends)[:1])


def _date(line: bytes) -> dt.date | None:
    try:
        text = line[_DATE].decode("ascii")
        return dt.date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None
