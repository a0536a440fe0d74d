"""Sixteen runs at a time that all get every lock: that costs requests, never a row."""

from __future__ import annotations

import contextlib
import multiprocessing
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

import leanfeed
from leanfeed import Delivery, Gap, Series, Session
from tests import build
from tests.torture.folder import OLD_DAYS, present, put_old, row_texts, temporaries, torn, zips
from tests.torture.form import points
from tests.torture.plugin import Truthful

pytestmark = pytest.mark.slow

SPAWN = multiprocessing.get_context("spawn")
RESOLUTIONS = ("minute", "hour", "daily")
TICKERS = ("SPY", "AAPL")
START = "2024-01-02"
ENDS = tuple(map(str, build.sessions(START, "2024-01-24")))


def wanted(end: str) -> Mapping[Series, tuple[Session, ...]]:
    return {
        build.series(ticker, resolution): build.sessions(START, end)
        for ticker in TICKERS
        for resolution in RESOLUTIONS
    }


def believe_everybody() -> None:
    """Grant every lock."""
    import filelock

    def grant(lock: Any, *_: object, **__: object) -> Any:
        return lock

    filelock.BaseFileLock.acquire = grant  # type: ignore[method-assign]
    filelock.BaseFileLock.release = grant  # type: ignore[method-assign]


@frozen
class Together:
    """Delivers the truth, and ends when everybody does: so that all merge at the same moment."""

    barrier: Any

    def supports(self, series: Series) -> bool:
        return True

    def fetch(self, gaps: Sequence[Gap]) -> Iterator[Delivery]:
        yield from Truthful().fetch(gaps)
        with contextlib.suppress(threading.BrokenBarrierError):  # somebody found nothing missing
            self.barrier.wait(2)


def run(folder: Path, end: str, barrier: Any) -> None:
    believe_everybody()
    report = leanfeed.ensure(
        TICKERS,
        resolution=RESOLUTIONS,
        start=START,
        end=end,
        data_folder=folder,
        sources=[Together(barrier)],
    )
    assert report.complete


@pytest.mark.parametrize("seed", points(short=2, full=20))
@pytest.mark.parametrize("ends", [ENDS[-1:], ENDS], ids=["same", "overlapping"])
def test_locks_that_lie_cost_no_row(tmp_path: Path, ends: tuple[str, ...], seed: int) -> None:
    folder = tmp_path / "data"
    old = put_old(folder, wanted(ENDS[-1]))
    jobs = [ends[(number + seed) % len(ends)] for number in range(16)]
    barrier = SPAWN.Barrier(len(jobs))
    processes = [SPAWN.Process(target=run, args=(folder, end, barrier)) for end in jobs]
    for process in processes:
        process.start()
    for process in processes:
        process.join(90)
    assert [process.exitcode for process in processes] == [0] * 16
    assert torn(folder) == temporaries(folder) == []
    everything = wanted(ENDS[-1])
    assert len(present(folder, everything)) == sum(map(len, everything.values()))
    now = zips(folder)
    for name, content in old.items():
        if "/minute/" in name:
            assert now[name] == content
        else:
            assert row_texts(folder / name)[: len(OLD_DAYS)] == list(OLD_DAYS)
