"""Runs at the same time do not fetch the same twice."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import leanfeed
from leanfeed import Report
from leanfeed.claims import Claims, clear_away, generation
from leanfeed.events import Event, RunWaiting, listening
from tests import build
from tests.build import MemorySource

SPAWN = multiprocessing.get_context("spawn")
ASKED = {"resolution": "minute", "start": "2024-01-02"}


def ensure(folder: Path, source: Any, symbols: Any = "SPY", **more: Any) -> Report:
    asked = ASKED | {"end": "2024-01-05"} | more
    return leanfeed.ensure(symbols, data_folder=folder, sources=[source], **asked)


class Noting(MemorySource):
    """Writes down what it is asked, where other processes can read it, and is slow."""

    def __init__(self, notes: Path, pause: float = 0.02) -> None:
        super().__init__()
        self.notes, self.pause = notes, pause

    def fetch(self, gaps: Any) -> Iterator[Any]:
        for delivery in super().fetch(gaps):
            with self.notes.open("a") as file:
                file.write(f"{delivery.series} {delivery.session}\n")
            time.sleep(self.pause)
            yield delivery


def run(folder: Path, notes: Path, symbols: str, end: str, barrier: Any) -> None:
    barrier.wait()
    assert ensure(folder, Noting(notes), symbols, end=end).complete


def swarm(folder: Path, jobs: list[tuple[str, str]]) -> list[str]:
    notes = folder.with_suffix(".notes")
    barrier = SPAWN.Barrier(len(jobs))
    processes = [SPAWN.Process(target=run, args=(folder, notes, *job, barrier)) for job in jobs]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
        assert process.exitcode == 0
    return notes.read_text().splitlines()


@pytest.mark.slow
def test_sixteen_processes_fetch_as_much_as_one(tmp_path: Path) -> None:
    fetched = swarm(tmp_path / "data", [("SPY,AAPL", "2024-01-05")] * 16)
    assert len(fetched) == len(set(fetched)) == 8


@pytest.mark.slow
def test_overlapping_windows_fetch_no_session_twice(tmp_path: Path) -> None:
    tickers = ["SPY,AAPL", "AAPL,MSFT", "MSFT,SPY", "SPY"]
    ends = ["2024-01-05", "2024-01-09", "2024-01-12"]
    fetched = swarm(tmp_path / "data", [(names, end) for names in tickers for end in ends])
    assert len(fetched) == len(set(fetched)) == 9 * 3


def test_two_threads_share_what_they_fetch(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    heard: list[Event] = []
    reports: list[Report] = []

    def work() -> None:
        reports.append(ensure(tmp_path / "data", Noting(notes, 0.1), progress=heard.append))

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert all(report.complete for report in reports)
    assert sorted(report.written_sessions for report in reports) == [0, 0, 4]
    assert sorted(report.cache_hits for report in reports) == [0, 4, 4]
    assert len(notes.read_text().splitlines()) == 4
    assert any(isinstance(event, RunWaiting) for event in heard)


def test_series_that_nobody_fetches_are_not_waited_for(tmp_path: Path) -> None:
    spy, aapl = build.series("SPY"), build.series("AAPL")
    with Claims(tmp_path, 10).claim([spy]), Claims(tmp_path, 10).claim([spy, aapl]) as mine:
        assert mine.series == {aapl}


@pytest.mark.parametrize("busy", [False, True])
def test_wait_has_a_limit_and_names_who_is_waited_for(tmp_path: Path, busy: bool) -> None:
    (tmp_path / "leanfeed.toml").write_text("lock_limit = 0.4\n", encoding="utf-8")
    source = MemorySource()
    with Claims(tmp_path, 10).claim([build.series("SPY" if busy else "AAPL")]):
        report = ensure(tmp_path, source, ["SPY", "MSFT"], config=tmp_path / "leanfeed.toml")
    assert report.complete != busy
    assert report.series[1].complete
    if busy:
        reasons = set(report.series[0].missing.values())
        assert reasons == {
            f"another run (process {os.getpid()} on {os.uname().nodename}) has been fetching it "
            "for 0.4 s"
        }


def hold(folder: Path, held: Any) -> None:
    with Claims(folder, 10).claim([build.series()]):
        held.set()
        time.sleep(60)


def test_claim_of_a_killed_process_counts_for_nothing(tmp_path: Path) -> None:
    held = SPAWN.Event()
    process = SPAWN.Process(target=hold, args=(tmp_path, held))
    process.start()
    assert held.wait(20)
    with Claims(tmp_path, 0).claim([build.series()]) as claim:
        assert not claim.series
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    with Claims(tmp_path, 5).claim([build.series()]) as claim:
        assert claim.series == {build.series()}
    assert not list((tmp_path / ".leanfeed/runs").glob("*.json"))


def test_wait_ends_when_the_run_is_over(tmp_path: Path) -> None:
    started = time.monotonic()
    over: Callable[[], bool] = lambda: time.monotonic() - started > 0.3  # noqa: E731
    with (
        Claims(tmp_path, 60).claim([build.series()]),
        Claims(tmp_path, 60).claim([build.series()], is_over=over) as claim,
    ):
        assert not claim.series
        assert not claim.busy


def test_every_fetch_begins_and_ends_a_generation(tmp_path: Path) -> None:
    seen = [generation(tmp_path)]
    with Claims(tmp_path, 1).claim([build.series()]) as claim:
        assert claim.generation == seen[0] == ""
        seen.append(generation(tmp_path))
    seen.append(generation(tmp_path))
    assert len(set(seen)) == 3


def test_locks_that_do_not_work_cost_requests_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: Any) -> None:
        raise NotImplementedError

    monkeypatch.setattr("leanfeed.claims._mutex", refuse)
    assert ensure(tmp_path, MemorySource()).complete


def test_claim_that_cannot_be_read_is_no_trouble(tmp_path: Path) -> None:
    with Claims(tmp_path, 1).claim([build.series()]):
        (path,) = (tmp_path / ".leanfeed/runs").glob("*.json")
        for text in ("", "[]", '{"series": 1}', json.dumps({"by": 1, "series": [3, "x"]})):
            path.write_text(text, encoding="utf-8")
            with Claims(tmp_path, 1).claim([build.series()]) as claim:
                assert claim.series == {build.series()}


def test_nothing_stays_of_a_run_that_stored_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with Claims(folder, 1).claim([build.series()]):
        clear_away(folder)
        assert folder.exists()
    clear_away(folder)
    assert not folder.exists()


def test_wait_is_announced(tmp_path: Path) -> None:
    heard: list[Event] = []
    with (
        Claims(tmp_path, 1).claim([build.series()]),
        listening(heard.append),
        Claims(tmp_path, 0.5).claim([build.series()]) as claim,
    ):
        assert "process" in claim.busy
    (waiting,) = heard
    assert isinstance(waiting, RunWaiting)
    assert waiting.series == (build.series(),)
