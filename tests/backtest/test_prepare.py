"""What a backtest service gets from `prepare`: data that is ready, or one error."""

from __future__ import annotations

import logging
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest

import leanfeed
from leanfeed import CancelledError, ConfigurationError, InvalidRequestError, UnavailableError
from leanfeed.backtest import DataNotReadyError, Progress, prepare
from leanfeed.events import Event, RunFinished, RunStarted
from tests.build import MemorySource

WEEK: dict[str, Any] = {"start": "2024-11-25", "end": "2024-11-29", "data_folder": "data"}


def asked(source: MemorySource) -> dict[str, list[str]]:
    return {str(gap.series): [str(session)[5:] for session in gap.sessions] for gap in source.asked}


def down(message: str = "The server fails: try later.") -> MemorySource:
    return MemorySource(error=UnavailableError(message), fails_after=0)


def test_the_report_comes_when_everything_is_there() -> None:
    report = prepare(["SPY", "AAPL"], "minute,daily", **WEEK, sources=[MemorySource()])
    assert (report.complete, report.written_sessions) == (True, 16)
    idle = MemorySource()
    again = prepare(("SPY", "AAPL"), ["minute", "daily"], **WEEK, sources=[idle])
    assert (idle.asked, again.cache_hits, again.http_requests) == ([], 16, 0)


def test_each_symbol_may_have_its_own_resolution_in_one_run() -> None:
    source = MemorySource()
    started: list[Event] = []

    def hear(event: Event) -> None:
        started.extend([event] if isinstance(event, RunStarted) else [])

    report = prepare(
        {"minute": "SPY", "daily": ["AAPL", "SPY"]},
        start="2024-11-27",
        end="2024-11-29",
        warmup=1,
        data_folder="data",
        sources=[source],
        backtest_logger=hear,
    )
    days = ["11-26", "11-27", "11-29"]
    assert asked(source) == {"SPY minute": days, "AAPL daily": days, "SPY daily": days}
    assert len(started) == 1
    assert [str(day) for day in report.extended_window] == ["2024-11-26", "2024-11-29"]


@pytest.mark.parametrize(
    ("symbols", "resolutions", "message"),
    [
        ({}, None, "No symbols were given"),
        ({"minute": []}, None, "No symbols were given"),
        ({"minute": ["SPY"]}, "daily", "by resolution already"),
        ({"weekly": ["SPY"]}, None, "'weekly' is not a resolution"),
        (["SPY"], None, "No resolution was given"),
        ([], "minute", "No symbols were given"),
    ],
)
def test_a_wrong_question_is_said_to_be_one(symbols: Any, resolutions: Any, message: str) -> None:
    with pytest.raises(InvalidRequestError, match=message):
        prepare(symbols, resolutions, **WEEK, sources=[MemorySource()])


def test_one_error_says_what_is_missing_who_failed_and_what_to_do() -> None:
    with pytest.raises(DataNotReadyError) as caught:
        prepare(["SPY", "AAPL"], "minute", **WEEK, sources=[down()])
    error = caught.value
    assert str(error) == (
        "The data is not ready: 8 sessions still missing, minute SPY, AAPL: "
        "2024-11-25 … 2024-11-29. MemorySource: The server fails: try later."
    )
    assert isinstance(error, leanfeed.IncompleteError)
    assert error.report.failures[0].error == "UnavailableError"
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_without_a_failure_the_reason_is_told() -> None:
    source = MemorySource(lacks=frozenset({"2024-11-26"}))
    with pytest.raises(DataNotReadyError) as caught:
        prepare("SPY", "minute", **WEEK, sources=[source])
    assert str(caught.value) == (
        "The data is not ready: 1 session still missing, minute SPY: 2024-11-26. "
        "Why: MemorySource: no answer for it. "
        "Check the tickers and the dates, or configure another source."
    )


def test_a_fallback_that_helps_is_no_error() -> None:
    report = prepare("SPY", "minute", **WEEK, sources=[down(), MemorySource()])
    assert report.complete
    assert [failure.error for failure in report.failures] == ["UnavailableError"]


def test_what_cannot_work_is_its_own_error() -> None:
    with pytest.raises(ConfigurationError, match="polygn"):
        prepare("SPY", "minute", **WEEK, sources="polygn")


def test_progress_goes_from_nothing_to_all() -> None:
    told: list[Progress] = []
    prepare("SPY", "minute", **WEEK, sources=[down(), MemorySource()], progress=told.append)
    fractions = [progress.fraction for progress in told]
    assert fractions == sorted(fractions)
    assert (fractions[0], fractions[-1]) == (0.0, 1.0)
    assert [progress.text for progress in told] == [
        "4 sessions to fetch, 0 already there",
        "asking MemorySource for 4 sessions",
        "MemorySource gave up: The server fails: try later.",
        "asking MemorySource for 4 sessions, because MemorySource: The server fails: try later.",
        *(f"{done} of 4 sessions" for done in (1, 2, 3, 4)),
        "complete",
    ]
    told.clear()
    prepare("SPY", "minute", **WEEK, progress=told.append)
    assert [(progress.done, progress.total, progress.fraction) for progress in told] == [
        (0, 0, 1.0),
        (0, 0, 1.0),
    ]


def test_progress_of_a_run_that_ends_short_does_not_say_all() -> None:
    told: list[Progress] = []
    source = MemorySource(lacks=frozenset({"2024-11-26"}))
    with pytest.raises(DataNotReadyError):
        prepare("SPY", "minute", **WEEK, sources=[source], progress=told.append)
    assert told[-1] == Progress(3, 4, "1 session still missing")


def test_what_progress_raises_is_raised() -> None:
    def broken(progress: Progress) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        prepare("SPY", "minute", **WEEK, sources=[MemorySource()], progress=broken)


def test_it_can_be_cancelled_on_the_way() -> None:
    cancel = threading.Event()

    def stop(progress: Progress) -> None:
        if progress.done == 1:
            cancel.set()

    quarter = {"start": "2024-01-02", "end": "2024-03-28", "sources": [MemorySource()]}
    with pytest.raises(CancelledError, match="run again to go on"):
        prepare("SPY", "minute", **quarter, progress=stop, cancel=cancel)
    report = prepare("SPY", "minute", **quarter)
    assert report.cache_hits >= 1, "what was written stays"


def test_what_is_there_already_cannot_be_cancelled() -> None:
    prepare("SPY", "minute", **WEEK, sources=[MemorySource()])
    cancel = threading.Event()
    cancel.set()
    assert prepare("SPY", "minute", **WEEK, cancel=cancel).complete


@pytest.mark.parametrize("as_logger", [str, logging.getLogger], ids=["name", "logger"])
def test_a_logger_gets_the_records(
    as_logger: Callable[[str], Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="service.backtest")
    log = as_logger("service.backtest")
    prepare("SPY", "minute", **WEEK, sources=[MemorySource()], backtest_logger=log)
    records = [record for record in caplog.records if record.name == "service.backtest"]
    assert [record.event for record in records] == [  # type: ignore[attr-defined]
        "leanfeed.run_start",
        "leanfeed.run_step",
        "leanfeed.run_complete",
    ]


def test_a_callable_gets_the_events() -> None:
    heard: list[Event] = []
    prepare("SPY", "minute", **WEEK, sources=[MemorySource()], backtest_logger=heard.append)
    assert isinstance(heard[0], RunStarted)
    assert isinstance(heard[-1], RunFinished)


def test_no_logger_at_all_is_a_wrong_setting() -> None:
    with pytest.raises(ConfigurationError, match="cannot receive the log"):
        prepare("SPY", "minute", **WEEK, backtest_logger=3)  # type: ignore[arg-type]


#: In a fresh interpreter: what a service does for the backtest after the first.
WARM = """
import sys, time
from leanfeed.backtest import prepare
seen = []
sys.addaudithook(lambda name, _: seen.append(name))
asked = dict(start="2023-01-03", end="2023-12-29", data_folder="data")
tickers = [f"T{letter}" for letter in "ABCDEFGHIJ"]
prepare(tickers, sys.argv[1], **asked)
started = time.perf_counter()
report = prepare(tickers, sys.argv[1], **asked)
assert time.perf_counter() - started < 1, "a year of ten symbols took a second"
assert report.complete and report.cache_hits == int(sys.argv[2]), report
forbidden = ("socket.connect", "subprocess.Popen", "os.fork", "os.posix_spawn", "os.system")
assert not set(seen) & set(forbidden), set(seen) & set(forbidden)
assert "urllib3" not in sys.modules and "subprocess" not in sys.modules
"""


@pytest.mark.parametrize("resolutions", ["daily", pytest.param("minute", marks=pytest.mark.slow)])
def test_a_year_that_is_there_costs_no_request_no_process_and_no_second(
    resolutions: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEANFEED_LEAN_DURABILITY", "fast")
    year = {"start": "2023-01-03", "end": "2023-12-29", "data_folder": "data"}
    tickers = [f"T{letter}" for letter in "ABCDEFGHIJ"]
    report = prepare(tickers, resolutions, **year, sources=[MemorySource()])
    subprocess.run(
        [sys.executable, "-c", WARM, resolutions, str(report.written_sessions)], check=True
    )
