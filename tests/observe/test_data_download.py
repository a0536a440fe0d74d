"""The log of downloads has one record for what happens, and its numbers add up."""

from __future__ import annotations

import json
import logging
import threading

import pytest
from attrs import evolve

from leanfeed import events
from leanfeed.errors import CancelledError, ConfigurationError, UnavailableError
from leanfeed.observe import DataDownloadLog
from leanfeed.plans import SeriesPlan
from leanfeed.report import SeriesReport
from tests import build
from tests.build import MemorySource
from tests.observe import runs
from tests.observe.runs import EVENTFUL, PLAN, REPORT, SPY, Kept, ensure, named

DEAD = MemorySource(error=UnavailableError("No network: connect."), fails_after=1)


def test_a_cached_run_is_three_lines(logger: logging.Logger, kept: Kept) -> None:
    polygon = named("polygon", MemorySource())
    ensure(polygon, progress=None)
    ensure(polygon, progress=DataDownloadLog(logger))
    assert kept.names == [f"polygon_downloader_{what}" for what in ("start", "step", "complete")]
    assert kept["polygon_downloader_start"]["missing"] == 0
    step = kept["polygon_downloader_step"]
    assert (step["sessions"], step["cached"], step["duration_seconds"]) == (4, 4, 0)
    complete = kept["polygon_downloader_complete"]
    assert (complete["cache_hits"], complete["bytes_written"]) == (4, {"minute": 0})


def test_records_are_named_after_the_source_they_are_about(
    logger: logging.Logger, kept: Kept
) -> None:
    logger.setLevel(logging.INFO)
    ensure(
        named("polygon", DEAD), named("lean-cli", MemorySource()), progress=DataDownloadLog(logger)
    )
    around = ["start", "failure", "fallback", "step", "complete"]
    assert kept.names == [f"polygon_downloader_{what}" for what in around]
    fallback = kept["polygon_downloader_fallback"]
    assert (fallback["from"], fallback["to"], fallback["sessions"]) == ("polygon", "lean-cli", 3)
    assert fallback["reason"] == "No network: connect."


def test_other_sources_have_generic_records(logger: logging.Logger, kept: Kept) -> None:
    ensure(
        named("lean-cli", DEAD), named("replay", MemorySource()), progress=DataDownloadLog(logger)
    )
    assert kept.names == [
        "leanfeed.run_start",
        "leanfeed.source_failure",
        "leanfeed.source_fallback",
        "leanfeed.run_step",
        "leanfeed.run_complete",
    ]


def test_polygon_as_the_second_source_fails_under_its_own_name(
    logger: logging.Logger, kept: Kept
) -> None:
    ensure(
        named("replay", MemorySource(lacks=frozenset({"2024-01-03"}))),
        named("polygon", DEAD),
        named("lean-cli", MemorySource()),
        progress=DataDownloadLog(logger),
    )
    assert kept.names == [
        "leanfeed.run_start",
        "leanfeed.source_fallback",
        "polygon_downloader_failure",
        "polygon_downloader_fallback",
        "leanfeed.run_step",
        "leanfeed.run_complete",
    ]
    assert kept["leanfeed.source_fallback"]["to"] == "polygon"


def test_numbers_add_up(logger: logging.Logger, kept: Kept) -> None:
    days = {"start": "2024-01-02", "end": "2024-01-09", "resolution": "minute,daily"}
    ensure(named("polygon", MemorySource()), progress=None, **days | {"end": "2024-01-03"})
    partial = MemorySource(lacks=frozenset({"2024-01-05"}), empty=frozenset({"2024-01-08"}))
    report = ensure(named("polygon", partial), progress=DataDownloadLog(logger), **days)
    steps = [f for f in kept.fields if f["event"] == "polygon_downloader_step"]
    assert [step["resolution"] for step in steps] == ["minute", "daily"]
    for step in steps:
        assert step["symbol_count"] == 2
        assert (step["sessions"], step["cached"], step["fetched"]) == (12, 4, 6)
        assert step["missing"] == 2
        assert 0 < step["duration_seconds"] < 60
    complete = kept["polygon_downloader_complete"]
    assert sum(step["cached"] for step in steps) == complete["cache_hits"]
    assert sum(complete["bytes_written"].values()) == report.bytes_written
    assert all(complete["bytes_written"].values())
    assert complete["missing_sessions"] == report.missing_sessions == 4
    assert kept.records[-1].levelno == logging.WARNING


def test_each_session_counts_once(logger: logging.Logger, kept: Kept) -> None:
    days = build.sessions("2024-01-02", "2024-01-12")
    present, quiet, new, empty, lost, foreign, refreshed, stale, unsettled = days
    plan = SeriesPlan(
        SPY,
        present=(present, foreign),
        no_trades=(quiet,),
        missing=(new, empty, lost),
        refresh=(refreshed, stale),
        foreign=(foreign,),
        unsettled=(unsettled,),
    )
    report = SeriesReport(
        SPY,
        present=(present, foreign, stale),
        written=(new,),
        no_trades=(quiet, empty),
        refreshed=(refreshed,),
        not_refreshed={foreign: "not its own", stale: "no answer"},
        missing={lost: "no answer", unsettled: "not over"},
        sources=dict.fromkeys((new, empty, refreshed), "polygon"),
    )
    log = DataDownloadLog(logger)
    log(events.RunStarted(evolve(PLAN, series=(plan,))))
    log(events.RunFinished(evolve(REPORT, series=(report,))))
    step = kept["polygon_downloader_step"]
    assert (step["sessions"], step["cached"]) == (len(days), 3)  # present, quiet, foreign
    assert (step["fetched"], step["missing"]) == (3, 2)


def test_the_message_is_for_people(
    logger: logging.Logger, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter([100.0, 101.84])
    monkeypatch.setattr("leanfeed.observe.run_records.time.monotonic", lambda: next(clock))
    log = DataDownloadLog(logger, phase="nightly")
    for event in (events.RunStarted(PLAN), runs.STORED, events.RunFinished(REPORT)):
        log(event)
    step = kept.records[1]
    assert step.getMessage() == "⏱️ [NIGHTLY] minute: 1 symbol, 2 sessions, 1 cached, 1.8 s"
    assert kept["polygon_downloader_step"]["duration_seconds"] == 1.84
    assert {fields["phase"] for fields in kept.fields} == {"nightly"}


def test_every_event_makes_one_record(logger: logging.Logger, kept: Kept) -> None:
    kept.setLevel(logging.DEBUG)
    log = DataDownloadLog(logger)
    for event in EVENTFUL:
        before = len(kept.records)
        log(event)
        steps = isinstance(event, events.RunFinished)
        assert len(kept.records) == before + 1 + steps, event
    assert len({fields["run_id"] for fields in kept.fields}) == 1


def test_no_kind_of_event_is_left_out() -> None:
    kinds = {kind for kind in vars(events).values() if isinstance(kind, type)}
    known = {kind for kind in kinds if issubclass(kind, events.Event)} - {events.Event}
    assert known <= {type(event) for event in EVENTFUL}


def test_fields_are_what_json_holds(logger: logging.Logger, kept: Kept) -> None:
    kept.setLevel(logging.DEBUG)
    log = DataDownloadLog(logger)
    for event in EVENTFUL:
        log(event)
    for fields in kept.fields:
        assert json.loads(json.dumps(fields)) == fields


def test_each_run_has_its_id(logger: logging.Logger, kept: Kept) -> None:
    log = DataDownloadLog(logger)
    for event in (EVENTFUL[0], events.RunStarted(PLAN)):
        log(event)
    assert kept.fields[0]["run_id"] == kept.fields[1]["run_id"]
    log(events.RunStarted(PLAN))  # the run before was ended by an error
    log(events.RunFinished(REPORT))
    log(EVENTFUL[0])  # belongs to the run that starts next
    log(events.RunStarted(PLAN))
    ids = [f["run_id"] for f in kept.fields if f["event"] == "polygon_downloader_start"]
    assert len(set(ids)) == 3
    assert kept.fields[-1]["run_id"] == kept.fields[-2]["run_id"] == ids[-1]


def test_a_cancelled_run_is_no_outage(logger: logging.Logger, kept: Kept) -> None:
    cancel = threading.Event()
    log = DataDownloadLog(logger)

    def stop(event: events.Event) -> None:
        log(event)
        if isinstance(event, events.RunStarted):
            cancel.set()

    with pytest.raises(CancelledError):
        ensure(named("polygon", MemorySource()), progress=stop, cancel=cancel)
    last = kept.records[-1]
    assert "] run cancelled: nothing fetched, 0 cached, 4 missing" in last.getMessage()
    assert {record.levelname for record in kept.records} == {"INFO"}
    complete = kept["polygon_downloader_complete"]
    assert (complete["cancelled"], complete["complete"]) == (True, False)


def test_what_is_there_already_was_not_cancelled(logger: logging.Logger, kept: Kept) -> None:
    cancel = threading.Event()
    cancel.set()
    ensure(named("polygon", MemorySource()), progress=None)
    ensure(named("polygon", MemorySource()), progress=DataDownloadLog(logger), cancel=cancel)
    assert not kept["polygon_downloader_complete"]["cancelled"]


def test_text_from_outside_stays_in_its_line(logger: logging.Logger, kept: Kept) -> None:
    log = DataDownloadLog(logger)
    log(
        events.SourceFailed("polygon", "SourceError", "bad\r\n2024 ERROR forged\x1b[31m\u2028\0end")
    )
    message = kept.records[0].getMessage()
    assert message.endswith("polygon: SourceError: bad 2024 ERROR forged [31m end")


def test_any_logger_can_be_named(kept: Kept) -> None:
    DataDownloadLog("tests.observe")(EVENTFUL[0])
    assert kept.names == ["leanfeed.file_damaged"]
    assert DataDownloadLog().logger.name == "leanfeed"


@pytest.mark.parametrize("wrong", [None, 7, "", logging.LoggerAdapter(logging.getLogger(), {})])
def test_what_is_no_logger_is_refused(wrong: object) -> None:
    with pytest.raises(ConfigurationError, match=r"logging\.Logger or the name of one"):
        DataDownloadLog(wrong)  # type: ignore[arg-type]


def test_a_run_of_which_only_the_end_is_heard(logger: logging.Logger, kept: Kept) -> None:
    DataDownloadLog(logger)(events.RunFinished(REPORT))
    assert kept.names == ["polygon_downloader_complete"]


def test_sessions_of_every_symbol_count(logger: logging.Logger, kept: Kept) -> None:
    ensure(named("polygon", MemorySource()), progress=DataDownloadLog(logger), warmup=1)
    start = kept["polygon_downloader_start"]
    assert start["symbols"] == ["SPY", "AAPL"]
    assert start["window"] == ["2024-01-02", "2024-01-03"]
    assert start["extended_window"] == ["2023-12-29", "2024-01-03"]
    assert (start["missing"], start["resolutions"]) == (6, [SPY.resolution.value])
