"""Several requests are planned as one."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from attrs import evolve

from leanfeed.backtest.chosen import ChosenPlanner
from leanfeed.default_plugins.calendar_planner import CalendarPlanner
from leanfeed.request import make_request


def test_the_clock_of_the_whole_is_that_of_its_parts() -> None:
    minute = make_request("SPY", resolution="minute", start="2024-11-25")
    daily = make_request("AAPL", resolution="daily", start="2024-11-22")
    noon = dt.datetime(2024, 11, 26, 17, tzinfo=dt.UTC)
    whole = evolve(
        minute,
        symbols=minute.symbols + daily.symbols,
        resolutions=minute.resolutions + daily.resolutions,
        asked_at=noon,
    )
    plan = ChosenPlanner(CalendarPlanner(), (minute, daily)).plan(whole, Path("data"))
    assert plan.request is whole
    assert plan.window == (dt.date(2024, 11, 22), dt.date(2024, 11, 25))
    assert {str(s.series): [str(session) for session in s.missing] for s in plan.series} == {
        "SPY minute": ["2024-11-25"],
        "AAPL daily": ["2024-11-22", "2024-11-25"],
    }
