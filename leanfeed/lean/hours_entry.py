"""One entry of LEAN's market hours database, as it stands in the file."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Literal

import msgspec
from attrs import evolve, frozen

from leanfeed.lean.day_hours import DayHours
from leanfeed.lean.time_zones import DAY

__all__ = ["Entry", "parse_entry"]

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


class _Segment(msgspec.Struct):
    start: str
    end: str
    state: Literal["premarket", "market", "postmarket", "closed"]


class _Entry(msgspec.Struct, rename="camel"):
    data_time_zone: str
    exchange_time_zone: str
    monday: list[_Segment] = []
    tuesday: list[_Segment] = []
    wednesday: list[_Segment] = []
    thursday: list[_Segment] = []
    friday: list[_Segment] = []
    saturday: list[_Segment] = []
    sunday: list[_Segment] = []
    holidays: list[str] = []
    early_closes: dict[str, str] = {}
    late_opens: dict[str, str] = {}


def parse_entry(key: str, text: msgspec.Raw) -> Entry:
    """The entry that stands in the file under the key, as JSON.

    Raises:
        ValueError: a date or a time is not one.
        msgspec.DecodeError: something else is not what LEAN writes.
    """
    raw = msgspec.json.decode(text, type=_Entry)
    return Entry(
        key=key,
        data_time_zone=raw.data_time_zone,
        exchange_time_zone=raw.exchange_time_zone,
        week=tuple(_hours(getattr(raw, day)) for day in _WEEKDAYS),
        holidays=frozenset(map(_date, raw.holidays)),
        early_closes={_date(date): _time(time) for date, time in raw.early_closes.items()},
        late_opens={_date(date): _time(time) for date, time in raw.late_opens.items()},
    )


def _hours(segments: list[_Segment]) -> DayHours | None:
    times = [(_time(s.start), _time(s.end), s.state) for s in segments if s.state != "closed"]
    return DayHours.usual(
        [(start, end) for start, end, _ in times],
        [(start, end) for start, end, state in times if state == "market"],
    )


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
