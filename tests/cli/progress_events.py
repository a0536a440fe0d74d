"""A run as it is announced, for displays of progress."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from attrs import evolve

from leanfeed import events
from leanfeed.plans import Plan, SeriesPlan
from leanfeed.request import Request
from leanfeed.values import Estimate, Resolution, Session, Written
from tests.cli.fake_pipeline import DAY, SESSION, SPY, WINDOW, make_report

DAILY = evolve(SPY, resolution=Resolution.DAILY)


def _sessions(count: int) -> tuple[Session, ...]:
    return tuple(
        Session(DAY + dt.timedelta(i), i, "America/New_York", (0, 1), ((0, 1),), (0, 1))
        for i in range(count)
    )


PLAN = Plan(
    Request((SPY.symbol,), (SPY.resolution, DAILY.resolution), DAY),
    WINDOW,
    WINDOW,
    (SeriesPlan(SPY, missing=_sessions(40)), SeriesPlan(DAILY, missing=_sessions(2))),
    data_folder=Path("data"),
    estimates={"polygon": Estimate(3, 24.0)},
)
REPORT = make_report(written=True)
EVENTS = [
    events.RunStarted(PLAN, ("polygon", "lean-cli")),
    events.SourceStarted("polygon", 42),
    events.Waiting("polygon", 12.0, "the free tier"),
    events.RequestAnswered("polygon", "/v2/aggs", 200, 1234, 0.5),
    events.SessionStored(Written(SPY, SESSION, "polygon", rows=390)),
    events.SourceStarted("lean-cli", 41, "polygon: it is down"),
    events.SourceSaid("lean-cli", "Pulling quantconnect/lean"),
]
