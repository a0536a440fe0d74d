"""Where locks are granted to everybody, several processes still lose nothing of each other's."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from leanfeed import WriteError
from leanfeed.default_plugins import merge_loop
from leanfeed.default_plugins.own_names import own_name
from tests.storage.build_zips import (
    DAILY,
    delivery,
    files,
    put,
    quarantined,
    rows,
    temporaries,
    write,
)

CONTEXT = multiprocessing.get_context("fork") if os.name == "posix" else None
pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
OLD = ("20231228 00:00,1,2,1,2,5", "20231229 00:00,1,2,1,2,5")


@pytest.fixture
def lying_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody gets every lock."""

    @contextlib.contextmanager
    def locked(*_: object) -> Iterator[None]:
        yield

    monkeypatch.setattr(merge_loop, "locked", locked)


def merge_some(folder: Path, numbers: list[int], barrier: Any, trouble: Any) -> None:
    try:
        for number in numbers:
            barrier.wait()
            write(folder, delivery(number, "daily"), durability="fast")
    except BaseException as error:
        trouble.put(repr(error))
        raise


def swarm(folder: Path, processes: int, each: int) -> None:
    """Every process merges `each` sessions of its own, all at the same moments."""
    assert CONTEXT is not None
    barrier, trouble = CONTEXT.Barrier(processes), CONTEXT.Queue()
    workers = [
        CONTEXT.Process(
            target=merge_some,
            args=(folder, list(range(n * each, n * each + each)), barrier, trouble),
        )
        for n in range(processes)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0] * processes, trouble.get()


def check(folder: Path, count: int) -> None:
    found = rows(folder / DAILY)
    assert found[:2] == list(OLD)
    assert len(found) == 2 + count
    assert found == sorted(set(found))
    assert temporaries(folder) == []
    assert quarantined(folder) == []
    assert list(files(folder)) == [DAILY]


@pytest.mark.skipif(CONTEXT is None, reason="forks")
@pytest.mark.usefixtures("lying_locks")
@pytest.mark.parametrize("turn", range(3))
def test_no_row_is_lost_though_locks_lie(tmp_path: Path, turn: int) -> None:
    put(tmp_path / DAILY, "spy.csv", *OLD)
    swarm(tmp_path, processes=5, each=4)
    check(tmp_path, 20)


@pytest.mark.slow
@pytest.mark.skipif(CONTEXT is None, reason="forks")
@pytest.mark.usefixtures("lying_locks")
@pytest.mark.parametrize("turn", range(20))
def test_no_row_is_lost_in_a_large_swarm(tmp_path: Path, turn: int) -> None:
    put(tmp_path / DAILY, "spy.csv", *OLD)
    swarm(tmp_path, processes=16, each=1)
    check(tmp_path, 16)


@pytest.mark.parametrize("error", [37, 38, 95])  # ENOLCK, ENOSYS, EOPNOTSUPP on Linux
def test_file_system_without_locks_is_written_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: int
) -> None:
    import filelock

    def refuse(self: object, *_: object, **__: object) -> None:
        raise OSError(error, os.strerror(error))

    monkeypatch.setattr(filelock.FileLock, "acquire", refuse)
    assert write(tmp_path, delivery(0, "daily"))[0].rows == 1


def overwrite_after_us(
    folder: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, times: int
) -> list[int]:
    """Somebody who had read the file before us puts `content` there right after us."""
    done, replace = [0], os.replace

    def replaced(source: Any, target: Any) -> None:
        replace(source, target)
        if Path(target) == folder / DAILY and done[0] < times:
            done[0] += 1
            other = folder / "other"
            other.write_bytes(content)
            replace(other, target)

    monkeypatch.setattr(os, "replace", replaced)
    return done


def test_rows_that_were_overwritten_are_merged_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merge_loop, "_LONGEST_PAUSE", 0.001)
    theirs = put(tmp_path / DAILY, "spy.csv", *OLD, "20240110 00:00,1,2,1,2,5")
    put(tmp_path / DAILY, "spy.csv", *OLD)
    done = overwrite_after_us(tmp_path, monkeypatch, theirs, times=3)
    (written,) = write(tmp_path, delivery(0, "daily"))
    assert done == [3]
    dates = [row[:8] for row in rows(tmp_path / DAILY)]
    assert dates == ["20231228", "20231229", "20240102", "20240110"]
    assert (written.rows, written.rows_before, written.is_changed) == (1, None, True)


def test_what_was_before_is_what_was_before_the_first_try(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merge_loop, "_LONGEST_PAUSE", 0.001)
    write(tmp_path, delivery(0, "daily"))  # theirs holds one of our two sessions
    theirs = (tmp_path / DAILY).read_bytes()
    put(tmp_path / DAILY, "spy.csv", *OLD)
    overwrite_after_us(tmp_path, monkeypatch, theirs, times=1)
    confirmed = write(tmp_path, delivery(0, "daily"), delivery(1, "daily"))
    assert [(w.rows_before, w.is_changed) for w in confirmed] == [(None, True)] * 2


def test_who_overwrites_for_ever_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merge_loop, "_LONGEST_PAUSE", 0.001)
    theirs = put(tmp_path / DAILY, "spy.csv", *OLD)
    overwrite_after_us(tmp_path, monkeypatch, theirs, times=10**6)
    with pytest.raises(WriteError, match="overwritten by other processes again and again"):
        write(tmp_path, delivery(0, "daily"))
    assert rows(tmp_path / DAILY) == list(OLD)
    assert temporaries(tmp_path) == []


def test_newer_bars_of_the_same_session_are_left_to_their_writer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / DAILY, "spy.csv", *OLD)
    theirs = put(tmp_path / "theirs.zip", "spy.csv", *OLD, "20240102 00:00,1,2,1,2,5")
    done = overwrite_after_us(tmp_path, monkeypatch, theirs, times=1)
    write(tmp_path, delivery(0, "daily"))
    assert done == [1]
    assert rows(tmp_path / DAILY)[-1] == "20240102 00:00,1,2,1,2,5"


def test_file_that_changed_while_it_was_merged_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merge_loop, "_LONGEST_PAUSE", 0.001)
    put(tmp_path / DAILY, "spy.csv", *OLD)
    times, real = [0], merge_loop.staged_bytes

    @contextlib.contextmanager
    def meanwhile(*args: Any) -> Iterator[Any]:
        with real(*args) as staging:
            change()
            yield staging

    def change() -> None:
        times[0] += 1
        if times[0] == 1:
            time.sleep(0.01)
            put(tmp_path / DAILY, "spy.csv", *OLD, "20240110 00:00,1,2,1,2,5")

    monkeypatch.setattr(merge_loop, "staged_bytes", meanwhile)
    write(tmp_path, delivery(0, "daily"))
    assert times == [2]
    assert len(rows(tmp_path / DAILY)) == 4


def announce(folder: Path, *, age: float = 0.0) -> Path:
    """Somebody says that he is merging."""
    mark = folder / ".leanfeed/merging" / own_name("equity-usa-daily-spy.zip")
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.touch()
    os.utime(mark, (time.time() - age,) * 2)
    return mark


def test_merge_that_others_had_begun_is_waited_for(tmp_path: Path) -> None:
    mark = announce(tmp_path)
    ended: list[float] = []

    def end() -> None:
        time.sleep(0.2)
        ended.append(time.monotonic())
        mark.unlink()

    thread = threading.Thread(target=end)
    thread.start()
    write(tmp_path, delivery(0, "daily"))
    assert ended
    thread.join()


@pytest.mark.parametrize("age", [11.0, 3600.0])
def test_merge_that_began_long_ago_is_not_waited_for(tmp_path: Path, age: float) -> None:
    announce(tmp_path, age=age)
    started = time.monotonic()
    write(tmp_path, delivery(0, "daily"))
    assert time.monotonic() - started < 2


def test_merge_of_another_file_is_not_waited_for(tmp_path: Path) -> None:
    mark = announce(tmp_path)
    mark.rename(mark.with_name(mark.name.replace("spy", "aapl")))
    started = time.monotonic()
    write(tmp_path, delivery(0, "daily"))
    assert time.monotonic() - started < 2
