"""Runs to look at: a chain with the real names, and one event of every kind."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from attrs import asdict

import leanfeed
from leanfeed import events
from leanfeed.plans import Plan, SeriesPlan
from leanfeed.report import Report, SeriesReport
from leanfeed.request import Request
from leanfeed.values import Written
from tests import build

SPY = build.series("SPY")
SESSION, LATER = build.sessions("2024-01-02", "2024-01-03")
WINDOW = (SESSION.date, LATER.date)
REQUEST = Request((SPY.symbol,), (SPY.resolution,), *WINDOW)
PLAN = Plan(REQUEST, WINDOW, WINDOW, (SeriesPlan(SPY, present=(LATER,), missing=(SESSION,)),))
CACHED = Plan(REQUEST, WINDOW, WINDOW, (SeriesPlan(SPY, present=(SESSION, LATER)),))
REPORT = Report(
    Path("data"),
    WINDOW,
    WINDOW,
    (SeriesReport(SPY, (LATER,), written=(SESSION,), sources={SESSION: "polygon"}),),
    http_requests=2,
    cache_hits=1,
    bytes_written=1_234,
    duration_seconds=1.26,
)
STORED = events.SessionStored(
    Written(SPY, SESSION, "polygon", rows=390, path="equity/usa/x.zip", bytes_written=1_234)
)
FAILED = events.SourceFailed("polygon", "UnavailableError", "No network: connect.")
FALLBACK = events.SourceStarted("lean-cli", 3, "polygon: No network: connect.")


class Strange(events.Event):
    """A plugin's own."""

    def __repr__(self) -> str:
        return "Strange()"


#: One run in which everything happens.
EVENTFUL: list[events.Event] = [
    events.FileDamaged(SPY, "equity/usa/x.zip", "it is no zip", SESSION),
    events.RunStarted(PLAN),
    events.RunWaiting((SPY, build.series("AAPL")), 20.0),
    events.SourceStarted("polygon", 4),
    events.RequestAnswered("polygon", "/v2/aggs", 200, 1_234, 0.5),
    events.RequestAnswered("polygon", "/v2/aggs", 0, 0, 10.0, is_retry=True),
    events.Waiting("polygon", 61.8),
    events.ClockDiffers("polygon", -3_600.0),
    FAILED,
    events.SourceFinished("polygon", 1, 12.34),
    FALLBACK,
    events.SourceSaid("lean-cli", "Pulling image"),
    events.SourceWarned("lean-cli", "a file was odd"),
    STORED,
    Strange(),
    events.RunFinished(REPORT),
]


def named(name: str, source: build.MemorySource) -> Any:
    """A source that the chain knows by this name: a ready source has that of its class."""
    attributes = asdict(source, recurse=False)
    return type(name, (build.MemorySource,), {})(**attributes)


def ensure(
    *sources: Any, progress: events.Listener | None, resolution: str = "minute", **request: Any
) -> leanfeed.Report:
    """Fetch SPY and AAPL of two days, unless `request` says otherwise."""
    asked: dict[str, Any] = {
        "symbols": ["SPY", "AAPL"],
        "start": SESSION.date,
        "end": LATER.date,
    } | request
    return leanfeed.ensure(resolution=resolution, sources=sources, progress=progress, **asked)


class Kept(logging.Handler):
    """Keeps what is logged from the level INFO up."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)

    @property
    def names(self) -> list[str]:
        return [vars(record)["event"] for record in self.records]

    @property
    def fields(self) -> list[dict[str, Any]]:
        """What the records have of their own."""
        usual = {*vars(logging.makeLogRecord({})), "message", "asctime"}
        return [{k: v for k, v in vars(r).items() if k not in usual} for r in self.records]

    def __getitem__(self, name: str) -> dict[str, Any]:
        """The fields of the only record of that name."""
        (found,) = (fields for fields in self.fields if fields["event"] == name)
        return found
