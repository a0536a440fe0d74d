"""Writes the trading hours of US equities and their options, from exchange_calendars.

Needs the dependency group ``generate``. Reaches to the end of the year after next; run it again
every year.
"""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import exchange_calendars

TARGET = Path(__file__).parents[2] / "leanfeed" / "lean" / "us_equity_hours.json"
CALENDAR = "XNYS"
ZONE = "America/New_York"
FIRST = dt.date(1990, 1, 1)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
#: Pre-market and post-market are those of LEAN's own database.
SEGMENTS = [
    {"start": "04:00:00", "end": "09:30:00", "state": "premarket"},
    {"start": "09:30:00", "end": "16:00:00", "state": "market"},
    {"start": "16:00:00", "end": "20:00:00", "state": "postmarket"},
]
#: As in LEAN's own database; what it lacks it inherits from equities.
OPTIONS = {
    "dataTimeZone": ZONE,
    "exchangeTimeZone": ZONE,
    **dict.fromkeys(WEEKDAYS, SEGMENTS[1:2]),
    "saturday": [],
    "sunday": [],
}


def table(last: dt.date) -> dict[str, Any]:
    """The database in the shape of LEAN's, with every exception from FIRST to `last`."""
    calendar = exchange_calendars.get_calendar(CALENDAR, start=str(FIRST), end=str(last))
    opens = {t.date(): f"{t:%H:%M:%S}" for t in calendar.opens.dt.tz_convert(ZONE)}
    closes = {t.date(): f"{t:%H:%M:%S}" for t in calendar.closes.dt.tz_convert(ZONE)}
    every_day = map(dt.date.fromordinal, range(FIRST.toordinal(), last.toordinal() + 1))
    entry: dict[str, Any] = {
        "dataTimeZone": ZONE,
        "exchangeTimeZone": ZONE,
        **dict.fromkeys(WEEKDAYS, SEGMENTS),
        "saturday": [],
        "sunday": [],
        "holidays": [_spell(d) for d in every_day if d.weekday() < 5 and d not in opens],
        "earlyCloses": {_spell(d): t for d, t in closes.items() if t != "16:00:00"},
        "lateOpens": {_spell(d): t for d, t in opens.items() if t != "09:30:00"},
    }
    generated = {
        "by": f"exchange_calendars {exchange_calendars.__version__}",
        "calendar": CALENDAR,
        "first": FIRST.isoformat(),
        "last": last.isoformat(),
    }
    return {"generated": generated, "entries": {"Equity-usa-[*]": entry, "Option-usa-[*]": OPTIONS}}


def _spell(date: dt.date) -> str:
    return f"{date.month}/{date.day}/{date.year}"


if __name__ == "__main__":
    last = dt.date(dt.datetime.now(dt.UTC).year + 2, 12, 31)
    TARGET.write_text(json.dumps(table(last), indent=1) + "\n", encoding="utf-8")
