"""Every event becomes one readable line."""

from __future__ import annotations

import json
import logging

import pytest

from leanfeed import events
from leanfeed.cli.event_log import logging_to_stderr
from leanfeed.observe import DataDownloadLog
from leanfeed.plans import Plan, SeriesPlan
from leanfeed.request import Request
from leanfeed.values import Written
from tests.cli.fake_pipeline import DAY, SESSION, SPY, WINDOW, make_report

REQUEST = Request((SPY.symbol,), (SPY.resolution,), DAY)
PLAN = Plan(REQUEST, WINDOW, WINDOW, (SeriesPlan(SPY, missing=(SESSION,)),))
WRITTEN = Written(SPY, SESSION, "polygon", rows=390, path="equity/usa/x.zip")

LINES = [
    (
        events.RunStarted(PLAN),
        "run started: 1 symbol, minute, 2024-01-02 … 2024-01-02: 1 session missing, 0 cached",
    ),
    (
        events.RunWaiting((SPY, SPY), 20.0),
        "another run is fetching SPY minute and 1 more: waited 20 s for it",
    ),
    (events.SourceStarted("polygon", 3), "polygon: asked for 3 sessions"),
    (
        events.SourceStarted("lean-cli", 1, "polygon: no answer for it"),
        "lean-cli: asked for 1 session, because polygon: no answer for it",
    ),
    (events.SourceWarned("polygon", "one row left out."), "polygon: one row left out."),
    (events.SourceSaid("lean-cli", "Pulling\x1b[2K image\n"), "lean-cli says: Pulling [2K image"),
    (
        events.RequestAnswered("polygon", "/v2/aggs", 200, 1_234, 0.5),
        "polygon: 200 for /v2/aggs, 1234 bytes in 0.50 s",
    ),
    (
        events.RequestAnswered("polygon", "/v2/aggs", 0, 0, 10.0, is_retry=True),
        "polygon: no answer for /v2/aggs, again, 0 bytes in 10.00 s",
    ),
    (events.Waiting("polygon", 61.8), "polygon: waiting 62 s for its rate limit"),
    (
        events.ClockDiffers("polygon", 400.0),
        "the system's clock is 7 min ahead of that of polygon, which the run goes by: "
        "set the clock",
    ),
    (
        events.SessionStored(WRITTEN),
        "polygon: SPY minute 2024-01-02: 390 bars in equity/usa/x.zip",
    ),
    (
        events.FileDamaged(SPY, "equity/usa/x.zip", "it is no zip"),
        "damaged file equity/usa/x.zip: it is no zip",
    ),
    (
        events.SourceFailed("polygon", "UnavailableError", "No network: connect."),
        "polygon: UnavailableError: No network: connect.",
    ),
    (events.SourceFinished("polygon", 3, 1.25), "polygon: gave 3 sessions in 1.2 s"),
    (
        events.RunFinished(make_report(written=True)),
        "run finished: nothing fetched, 0 cached, 0 missing, 0 requests, 0 B written, 0.0 s",
    ),
]


def test_no_event_is_left_out() -> None:
    known = {value for value in vars(events).values() if isinstance(value, type)}
    kinds = {kind for kind in known if issubclass(kind, events.Event) and kind is not events.Event}
    assert {type(event) for event, _ in LINES} == kinds


@pytest.mark.parametrize(("event", "line"), LINES)
def test_an_event_is_a_line(
    event: events.Event, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with logging_to_stderr(level=logging.DEBUG):
        DataDownloadLog()(event)
    assert capsys.readouterr().err.endswith(f"[DATA DOWNLOAD] {line}\n")


def test_logging_is_left_as_it_was() -> None:
    logger = logging.getLogger("leanfeed")
    before = (logger.level, list(logger.handlers))
    with logging_to_stderr():
        pass
    assert (logger.level, logger.handlers) == before


def test_json_goes_with_the_log_of_downloads(capsys: pytest.CaptureFixture[str]) -> None:
    with logging_to_stderr(level=logging.DEBUG, log_format="json"):
        DataDownloadLog()(events.SourceStarted("polygon", 3))
    (line,) = capsys.readouterr().err.splitlines()
    assert json.loads(line)["event"] == "leanfeed.source_start"
