"""The sessions of one market by their dates, each year looked up once."""

from __future__ import annotations

import datetime as dt

import numpy as np
from attrs import define, field

from leanfeed.lean.local_time import DAY, local_times, wall_clock
from leanfeed.lean.market_hours import MarketHours, zone
from leanfeed.values import Interval, Session

__all__ = ["Calendar", "on_the_clock"]


@define
class Calendar:
    """The trading days that one entry of LEAN's market hours database knows."""

    _hours: MarketHours
    _years: dict[int, dict[dt.date, Session]] = field(factory=dict, init=False)

    def knows(self, date: dt.date) -> bool:
        """Whether the holidays around the date are known."""
        horizon = self._hours.horizon
        return horizon is None or horizon[0] <= date <= horizon[1]

    def session(self, date: dt.date) -> Session | None:
        """The session of the date; None when the market is closed, or nobody knows."""
        return self._year(date.year).get(date)

    def between(self, first: dt.date, last: dt.date) -> list[Session]:
        """The sessions that are known of these dates, both inclusive, oldest first."""
        years = range(first.year, last.year + 1)
        return [s for year in years for s in self._year(year).values() if first <= s.date <= last]

    def _year(self, year: int) -> dict[dt.date, Session]:
        if year not in self._years:
            first, last = dt.date(year, 1, 1), dt.date(year, 12, 31)
            if self._hours.horizon is not None:
                first = max(first, self._hours.horizon[0])
                last = min(last, self._hours.horizon[1])
            self._years[year] = {s.date: s for s in self._hours.sessions(first, last)}
        return self._years[year]


def on_the_clock(session: Session, interval: Interval) -> Interval:
    """An interval of the session as wall-clock milliseconds since its midnight."""
    first, last = interval
    if session.day[1] - session.day[0] == DAY:
        return first - session.day[0], last - session.day[0]
    local = local_times(np.array(interval), zone(session.time_zone)) - wall_clock(session.date)
    return int(local[0]), int(local[1])
