"""A pipeline that answers without working, and what it answers with."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from attrs import Factory, define

from leanfeed.events import Event
from leanfeed.plans import Plan
from leanfeed.report import Failure, Report, SeriesReport
from leanfeed.values import Resolution, Series, Session, Symbol

DAY = dt.date(2024, 1, 2)
WINDOW = (DAY, DAY)
SPY = Series(Symbol("SPY"), Resolution.MINUTE)
SESSION = Session(DAY, 1, "America/New_York", (0, 1), ((0, 1),), (0, 1))


@define
class FakePipeline:
    """Remembers how it was called; announces `events`, then raises `error` or gives the rest."""

    report: Report
    plan_made: Plan
    error: BaseException | None = None
    events: list[Event] = Factory(list)
    calls: list[dict[str, Any]] = Factory(list)

    def ensure(
        self, symbols: Any, *, progress: Any = None, cancel: Any = None, **keywords: Any
    ) -> Report:
        assert not cancel.is_set()
        self.calls.append({"symbols": symbols, "progress": progress, **keywords})
        for event in self.events:
            progress(event)
        if self.error:
            raise self.error
        return self.report

    def plan(self, symbols: Any, **keywords: Any) -> Plan:
        self.calls.append({"symbols": symbols, **keywords})
        if self.error:
            raise self.error
        return self.plan_made


def make_report(*failures: str, missing: bool = False, written: bool = False) -> Report:
    """A report of at most two sessions; each failure is the name of an error."""
    later = Session(DAY + dt.timedelta(1), 2, "America/New_York", (2, 3), ((2, 3),), (2, 3))
    series = SeriesReport(
        SPY,
        written=(later,) if written else (),
        missing={SESSION: "nobody has it"} if missing else {},
    )
    gave_up = tuple(Failure("polygon", error, f"{error} it is.") for error in failures)
    return Report(Path("data"), WINDOW, WINDOW, (series,), gave_up)
