"""Zones by LEAN's names, and the instants of their wall clocks."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from leanfeed.errors import ConfigurationError
from leanfeed.values import Interval

__all__ = ["DAY", "instant", "local_days", "zone"]

#: Milliseconds of a day without a switch of the clocks.
DAY = 86_400_000

_FIXED = re.compile(r"UTC([+-])(\d{2})(?::(\d{2}))?")
_EPOCH = dt.date(1970, 1, 1).toordinal()
_NONE = dt.timedelta()
_MILLISECOND = dt.timedelta(milliseconds=1)


def zone(name: str) -> dt.tzinfo:
    """The zone of an IANA name, or of a fixed offset as Noda Time spells it (``UTC-05``).

    LEAN's own calendar uses ``UTC-05`` for the market fxcm.

    Raises:
        ConfigurationError: no zone has this name.
    """
    if fixed := _FIXED.fullmatch(name):
        sign, hours, minutes = fixed.groups(default="00")
        offset = dt.timedelta(hours=int(hours), minutes=int(minutes))
        if offset < dt.timedelta(days=1):
            return dt.timezone(-offset if sign == "-" else offset, name)
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ConfigurationError(
            f"{name!r} is not a time zone: use an IANA name such as America/New_York, or UTC-05."
        ) from None


def instant(date: dt.date, wall: int, *, zone: dt.tzinfo) -> int:
    """UTC epoch milliseconds at which clocks in the zone show `wall` milliseconds after midnight.

    `wall` may be a whole day: the next midnight. Of a time shown twice it is the second one, as in
    LEAN. A time that is skipped lies as far behind the switch as into the hour that is skipped.
    """
    midnight = dt.datetime(date.year, date.month, date.day)
    shown = midnight + dt.timedelta(milliseconds=wall) if wall else midnight
    first = shown.replace(tzinfo=zone).utcoffset() or _NONE
    second = shown.replace(tzinfo=zone, fold=1).utcoffset() or _NONE
    since_1970 = (date.toordinal() - _EPOCH) * DAY + wall
    return since_1970 - min(first, second) // _MILLISECOND


def local_days(
    start: dt.date, end: dt.date, *, zone: dt.tzinfo
) -> Iterator[tuple[dt.date, Interval]]:
    """The dates from `start` to `end`, both inclusive, each from midnight to midnight.

    That is 23 or 25 hours when the clocks are switched.
    """
    first, last = start.toordinal(), end.toordinal()
    # A week of the usual length has no switch: two conversions do for all of its days.
    for week in range(first, last + 1, 7):
        dates = [dt.date.fromordinal(n) for n in range(week, min(week + 8, last + 2))]
        begin, after = instant(dates[0], 0, zone=zone), instant(dates[-1], 0, zone=zone)
        if after - begin == DAY * (len(dates) - 1):
            midnights = list(range(begin, after + 1, DAY))
        else:
            midnights = [instant(date, 0, zone=zone) for date in dates]
        yield from zip(dates, itertools.pairwise(midnights), strict=False)
