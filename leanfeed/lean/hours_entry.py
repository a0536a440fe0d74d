"""One entry of LEAN's market hours database, as it stands in the file."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal, Required, TypedDict

from attrs import evolve, frozen

from leanfeed.lean.day_hours import DayHours
from leanfeed.lean.time_zones import DAY

__all__ = ["Entry", "WrittenEntry", "entry_of"]

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
#: A time, and the days that .NET writes before it: ``1.00:00:00``, in places ``1:00:00:00``.
_TIME = re.compile(r"(?:(\d)[.:])?(\d{1,2}):(\d{1,2}):(\d{1,2})")


@frozen
class Entry:
    """The hours of one market, or of one symbol on it. Dates and times are the exchange's."""

    #: As the file spells it.
    key: str
    data_time_zone: str
    exchange_time_zone: str
    #: Monday first; None: closed.
    week: tuple[DayHours | None, ...]
    holidays: frozenset[dt.date]
    #: Milliseconds after midnight.
    early_closes: Mapping[dt.date, int]
    late_opens: Mapping[dt.date, int]

    def or_else(self, other: Entry) -> Entry:
        """With the other's exceptions, kind by kind, where this has none."""
        return evolve(
            self,
            holidays=self.holidays or other.holidays,
            early_closes=self.early_closes or other.early_closes,
            late_opens=self.late_opens or other.late_opens,
        )

    def added_to(self, other: Entry) -> Entry:
        """With the exceptions of both; this wins where they differ."""
        return evolve(
            self,
            holidays=self.holidays | other.holidays,
            early_closes={**other.early_closes, **self.early_closes},
            late_opens={**other.late_opens, **self.late_opens},
        )


class _Segment(TypedDict):
    start: str
    end: str
    state: Literal["premarket", "market", "postmarket", "closed"]


class WrittenEntry(TypedDict, total=False):
    """What LEAN writes of an entry."""

    dataTimeZone: Required[str]
    exchangeTimeZone: Required[str]
    monday: Sequence[_Segment]
    tuesday: Sequence[_Segment]
    wednesday: Sequence[_Segment]
    thursday: Sequence[_Segment]
    friday: Sequence[_Segment]
    saturday: Sequence[_Segment]
    sunday: Sequence[_Segment]
    holidays: Sequence[str]
    earlyCloses: Mapping[str, str]
    lateOpens: Mapping[str, str]


def entry_of(key: str, written: WrittenEntry) -> Entry:
    """The entry that was written under the key.

    Raises:
        ValueError: a date or a time is not one.
    """
    of_day: Mapping[str, Any] = written
    return Entry(
        key=key,
        data_time_zone=written["dataTimeZone"],
        exchange_time_zone=written["exchangeTimeZone"],
        week=tuple(_hours(of_day.get(day, ())) for day in _WEEKDAYS),
        holidays=frozenset(map(_date, written.get("holidays", ()))),
        early_closes=_times(written.get("earlyCloses", {})),
        late_opens=_times(written.get("lateOpens", {})),
    )


def _hours(segments: Sequence[_Segment]) -> DayHours | None:
    times = [
        (_time(s["start"]), _time(s["end"]), s["state"]) for s in segments if s["state"] != "closed"
    ]
    return DayHours.usual(
        [(start, end) for start, end, _ in times],
        [(start, end) for start, end, state in times if state == "market"],
    )


def _times(written: Mapping[str, str]) -> dict[dt.date, int]:
    return {_date(date): _time(time) for date, time in written.items()}


def _date(text: str) -> dt.date:
    month, day, year = map(int, text.split("/"))
    return dt.date(year, month, day)


def _time(text: str) -> int:
    """Milliseconds after midnight."""
    if not (match := _TIME.fullmatch(text)):
        raise ValueError(f"{text!r} is not a time")
    days, hours, minutes, seconds = map(int, match.groups(default="0"))
    milliseconds = days * DAY + ((hours * 60 + minutes) * 60 + seconds) * 1000
    if milliseconds > DAY:
        raise ValueError(f"{text!r} is longer than a day")
    return milliseconds
