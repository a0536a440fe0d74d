"""Fetching and writing go on together, and neither runs away from the other: counted, not timed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import leanfeed
from leanfeed import Delivery, WriteError
from leanfeed.background import _AHEAD
from leanfeed.default_plugins import zip_files
from leanfeed.default_plugins.zip_files import TOGETHER, WRITERS
from leanfeed.default_plugins.zip_writer import ZipWriter
from leanfeed.events import Event, SessionStored
from leanfeed.flight import in_order
from leanfeed.lean.paths import zip_path
from tests import build

SESSIONS = build.sessions("2022-01-03", "2024-08-30")
#: What may lie between a source and the disk: waiting, being written, written and not confirmed.
MOST_BETWEEN = 2 * _AHEAD + (2 * WRITERS + 1) * TOGETHER + 2


class Counting:
    """A source that says how many sessions it has given."""

    def __init__(self, hold: threading.Event | None = None, hold_after: int = 0) -> None:
        self.given = 0
        self.hold, self.hold_after = hold, hold_after

    def supports(self, series: Any) -> bool:
        return True

    def fetch(self, gaps: Any) -> Iterator[Any]:
        for gap in gaps:
            for session in gap.sessions:
                if self.hold and self.given == self.hold_after:
                    assert self.hold.wait(30)
                self.given += 1
                yield Delivery(gap.series, session, build.bars(session))


def ensure(folder: Path, source: Any, **more: Any) -> leanfeed.Report:
    window = {"resolution": "minute", "start": SESSIONS[0].date, "end": SESSIONS[-1].date}
    return leanfeed.ensure("SPY", **window, data_folder=folder, sources=[source], **more)


def test_a_slow_disk_does_not_stop_the_source_and_bounds_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = Counting()
    real, is_full, most = zip_files.write_sessions, threading.Event(), 0

    def slow(*arguments: Any) -> Any:
        """The first writes wait until the source is as far ahead as it may be."""
        nonlocal most
        if not is_full.is_set():
            seen = -1
            while source.given != seen:  # it still moves, though nothing is written
                seen = source.given
                is_full.wait(0.5)
            most = max(most, source.given)
            is_full.set()
        return real(*arguments)

    monkeypatch.setattr(zip_files, "write_sessions", slow)
    assert ensure(tmp_path, source).complete
    assert _AHEAD <= most <= MOST_BETWEEN < len(SESSIONS)


def test_a_slow_source_does_not_stop_the_disk(tmp_path: Path) -> None:
    """Whatever has come is written and confirmed while the source waits for more."""
    stored, hold = 0, threading.Event()

    def progress(event: Event) -> None:
        nonlocal stored
        if isinstance(event, SessionStored):
            stored += 1
            if stored == 30:
                hold.set()

    assert ensure(tmp_path, Counting(hold, hold_after=30), progress=progress).complete


def test_sessions_are_written_several_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk flushes several files in hardly more time than one."""
    real, together = zip_files.write_sessions, threading.Barrier(WRITERS)

    def meet(*arguments: Any) -> Any:
        if not met.is_set():
            together.wait(20)
            met.set()
        return real(*arguments)

    met = threading.Event()
    monkeypatch.setattr(zip_files, "write_sessions", meet)
    deliveries = [Delivery(build.series(), session, build.bars(session)) for session in SESSIONS]
    assert len(list(ZipWriter().write(deliveries, tmp_path))) == len(SESSIONS)
    assert met.is_set()


def test_many_bars_are_not_held_together() -> None:
    """Sessions wait for others only while they are small."""
    bars = build.bars(SESSIONS[0], "second", count=12_000)
    large = Delivery(build.series(resolution="second"), SESSIONS[0], bars)
    small = [
        Delivery(build.series(), session, build.bars(session))
        for session in SESSIONS[: 2 * TOGETHER + 4]
    ]
    parts = zip_files._parts([large, large, *small], lambda: False)
    assert [len(part) for part in parts] == [1, 1, TOGETHER, TOGETHER, 4]


def test_nothing_is_held_while_the_source_waits() -> None:
    small = [Delivery(build.series(), session, build.bars(session)) for session in SESSIONS[:4]]
    assert [len(part) for part in zip_files._parts(small, lambda: True)] == [1] * 4


def test_what_was_written_before_an_error_is_confirmed(tmp_path: Path) -> None:
    deliveries = [Delivery(build.series(), s, build.bars(s)) for s in SESSIONS[:4]]
    third = tmp_path / zip_path(build.series(), SESSIONS[2].date)
    third.parent.mkdir(parents=True)
    third.symlink_to("/nowhere")
    confirmed = ZipWriter().write(deliveries, tmp_path)
    assert [next(confirmed).session for _ in range(2)] == [*SESSIONS[:2]]
    with pytest.raises(WriteError, match="leads out"):
        next(confirmed)


def test_memory_does_not_grow_with_the_work() -> None:
    """No more results exist than twice the threads, however many items there are."""
    alive, most, lock = 0, 0, threading.Lock()

    class Result:
        def __init__(self) -> None:
            nonlocal alive, most
            with lock:
                alive += 1
                most = max(most, alive)

        def __del__(self) -> None:
            nonlocal alive
            with lock:
                alive -= 1

    results = in_order(lambda _: Result(), range(500), threads=3, name="test", lets_finish=True)
    assert sum(1 for _ in results) == 500
    assert most <= 2 * 3 + 3


def test_an_error_comes_in_its_turn_and_what_has_started_ends() -> None:
    done: list[int] = []

    def work(item: int) -> int:
        if item == 5:
            raise ValueError
        done.append(item)
        return item

    results = in_order(work, range(50), threads=3, name="test", lets_finish=True)
    assert [next(results) for _ in range(5)] == [0, 1, 2, 3, 4]
    with pytest.raises(ValueError):
        next(results)
    assert not [t for t in threading.enumerate() if t.name.startswith("test_")]
    assert len(done) < 50


def test_a_system_without_threads_does_the_work_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    assert list(in_order(str, range(9), threads=3, name="test")) == [*"012345678"]
