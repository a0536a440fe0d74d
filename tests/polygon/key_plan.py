"""What the plan of a test server's key includes, and how it refuses the rest."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from attrs import frozen

from tests.polygon.replies import Reply, error

__all__ = ["KeyPlan", "first_instant", "last_instant"]

_NEW_YORK = ZoneInfo("America/New_York")
_UPGRADE = "Please upgrade your plan at https://polygon.io/pricing"


@frozen
class KeyPlan:
    """The dates that one may ask for; None: no limit."""

    history_from: dt.date | None = None
    #: Answer a window that straddles `history_from` for what lies after it, and say nothing.
    clips: bool = False
    #: Refuse this day and what follows.
    today_refused: dt.date | None = None

    def refusal(self, start: int, end: int) -> Reply | None:
        """The refusal of a window, both ends inclusive; None: it may be asked for."""
        if self.today_refused and end >= _midnight(self.today_refused):
            text = f"Attempted to request today's data before end of day. {_UPGRADE}"
            return error(403, message=text)
        if self.history_from and (end if self.clips else start) < _midnight(self.history_from):
            return error(403, message=f"Your plan doesn't include this data timeframe. {_UPGRADE}")
        return None

    def clipped(self, start: int) -> int:
        """Where the answer to a window starts."""
        return max(start, _midnight(self.history_from)) if self.history_from else start


def first_instant(bound: str) -> int:
    """The first instant of a window, from a date or from UTC epoch milliseconds."""
    return _midnight(dt.date.fromisoformat(bound)) if "-" in bound else int(bound)


def last_instant(bound: str) -> int:
    """The last instant of a window."""
    if "-" not in bound:
        return int(bound)
    return _midnight(dt.date.fromisoformat(bound) + dt.timedelta(days=1)) - 1


def _midnight(date: dt.date) -> int:
    return int(dt.datetime.combine(date, dt.time(), _NEW_YORK).timestamp() * 1000)
