"""Between instants and the wall clock of a time zone, for whole columns of bars."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Callable

import numpy as np

from leanfeed.bars import TimeColumn

__all__ = ["DAY", "HOUR", "even_midnight", "instants", "local_times", "midnight", "wall_clock"]

HOUR = 3_600_000
DAY = 24 * HOUR

#: Clocks of markets are changed at a full quarter of an hour.
_QUARTER = HOUR // 4
#: A session of a market lies on one or two days of UTC.
_FEW = 2
_MILLISECOND = dt.timedelta(milliseconds=1)
_EPOCH = dt.datetime(1970, 1, 1)
_EPOCH_UTC = _EPOCH.replace(tzinfo=dt.UTC)


def local_times(times: TimeColumn, zone: dt.tzinfo) -> TimeColumn:
    """What the wall clock shows at each instant, as milliseconds since 1970-01-01 00:00 on it."""
    return times + _offsets(times, lambda instant: _offset_at(instant, zone))


def instants(local: TimeColumn, zone: dt.tzinfo) -> TimeColumn:
    """The inverse of :func:`local_times`, as LEAN maps it (Extensions._mappingResolver).

    A wall-clock time that is shown twice, in autumn, is taken for the later one; one that is
    skipped, in spring, for the instant of the change.
    """
    times = local - _offsets(local, lambda wall: _offset_when_showing(wall, zone))
    for i in np.flatnonzero(local_times(times, zone) != local).tolist():
        times[i] = _first_instant_after(int(local[i]), zone, earliest=int(times[i]))
    return times


def wall_clock(day: dt.date) -> int:
    """Midnight of the day as :func:`local_times` counts."""
    return (day.toordinal() - _EPOCH.toordinal()) * DAY


def midnight(day: dt.date, zone: dt.tzinfo) -> int:
    """The instant at which the day starts, UTC epoch milliseconds."""
    return int(instants(np.array([wall_clock(day)]), zone)[0])


def even_midnight(instant: int, zone: dt.tzinfo) -> int | None:
    """The start of the day of an instant; None where a day is long or short by a clock's change."""
    offset = _offset_at(instant, zone)
    start = instant - (instant + offset) % DAY
    is_even = _offset_at(start, zone) == offset == _offset_at(start + DAY - 1, zone)
    return start if is_even else None


def _offsets(times: TimeColumn, offset_of: Callable[[int], int], *, step: int = DAY) -> TimeColumn:
    """The offset at each of the times, looked up once a day, and closer on days of a change."""
    if not len(times):
        return times
    first, last = int(times.min()) // step, int(times.max()) // step
    if last - first <= _FEW:
        found = {offset_of(edge * step) for edge in range(first, last + 2)}
        if len(found) == 1:
            return np.full(len(times), found.pop(), dtype=np.int64)
    parts, position = np.unique(times // step, return_inverse=True)
    edges = {edge: offset_of(edge * step) for edge in {*parts.tolist(), *(parts + 1).tolist()}}
    begins = np.array([edges[part] for part in parts.tolist()], dtype=np.int64)
    ends = np.array([edges[part + 1] for part in parts.tolist()], dtype=np.int64)
    offsets = begins[position]
    is_changing = (begins != ends)[position]
    if step > _QUARTER and is_changing.any():
        offsets[is_changing] = _offsets(times[is_changing], offset_of, step=_QUARTER)
    return offsets


def _offset_at(instant: int, zone: dt.tzinfo) -> int:
    return _milliseconds((_EPOCH_UTC + instant * _MILLISECOND).astimezone(zone).utcoffset())


def _offset_when_showing(wall: int, zone: dt.tzinfo) -> int:
    return _milliseconds((_EPOCH + wall * _MILLISECOND).replace(tzinfo=zone, fold=1).utcoffset())


def _first_instant_after(wall: int, zone: dt.tzinfo, *, earliest: int) -> int:
    """The instant at which the clock jumps over `wall`."""
    seconds = range(earliest, earliest + DAY + 1, 1_000)
    return seconds[bisect_left(seconds, wall, key=lambda t: t + _offset_at(t, zone))]


def _milliseconds(offset: dt.timedelta | None) -> int:
    return (offset or dt.timedelta()) // _MILLISECOND
