"""When a flat file is published."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from leanfeed import clock

__all__ = ["due_at", "is_due"]

#: Each file is there by about this time of the next day, often earlier.
_ZONE, _HOUR = "America/New_York", 11


def due_at(date: dt.date) -> dt.datetime:
    """The instant by which the file of a date should be there."""
    next_day = date + dt.timedelta(days=1)
    return dt.datetime.combine(next_day, dt.time(_HOUR), ZoneInfo(_ZONE))


def is_due(date: dt.date) -> bool:
    """Whether a file that is not there is missing, and not only late."""
    return clock.now() >= due_at(date)
