"""A run is killed at each system call by which it changes the folder."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

import leanfeed
from leanfeed.default_plugins.zip_files import TOGETHER, WRITERS
from tests import build
from tests.torture.command import Command
from tests.torture.folder import claims, present, put_old, temporaries, torn, zips
from tests.torture.form import IS_FULL
from tests.torture.plugin import Truthful
from tests.torture.system_calls import IS_POSSIBLE, Call, watched

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not IS_POSSIBLE, reason="the numbers of system calls are known of Linux"),
    pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),
]

#: Two symbols, a month.
TICKERS, RESOLUTIONS, WINDOW = ("SPY", "AAPL"), ("minute", "daily"), ("2024-01-02", "2024-01-31")
WANTED = {
    build.series(ticker, resolution): build.sessions(*WINDOW)
    for ticker in TICKERS
    for resolution in RESOLUTIONS
}
#: What differs between calls of one kind.
_VARIES = re.compile(r"spy|aapl|[0-9a-f]{16}|[0-9]{8}(?=_)|\.[0-9a-f]{8}\.tmp|#[0-9]+ .*")


def fill(folder: Path, notes: Path) -> None:
    report = leanfeed.ensure(
        TICKERS,
        resolution=RESOLUTIONS,
        start=WINDOW[0],
        end=WINDOW[1],
        data_folder=folder,
        sources=[Truthful(notes=str(notes))],
    )
    assert report.complete


def tried(calls: Sequence[Call], folder: Path) -> list[int]:
    """The numbers of the calls to be killed at; in the short form two of each kind."""
    kinds: dict[tuple[str, ...], list[int]] = {}
    for number, call in enumerate(calls, 1):
        names = (_VARIES.sub("*", path.removeprefix(str(folder))) for path in call.paths)
        kinds.setdefault((call.name, *names), []).append(number)
    if IS_FULL:
        return list(range(1, len(calls) + 1))
    return sorted({number for found in kinds.values() for number in (found[0], found[-1])})


def test_killed_at_each_call_that_writes(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    counted = tmp_path / "counted"
    put_old(counted, WANTED)
    calls, code = watched(lambda: fill(counted, tmp_path / "notes"), counted)
    assert code == 0
    assert len(calls) > 200
    numbers = tried(calls, counted)
    hits = sum(survive(tmp_path / f"{number}", number) for number in numbers)
    assert hits > 0.9 * len(numbers)
    record_property("points", len(numbers))
    record_property("faults", hits)


def survive(root: Path, number: int) -> bool:
    """Kill a run at one call; False when it had ended before."""
    folder, notes = root / "data", root / "notes"
    old = put_old(folder, WANTED)
    _, code = watched(lambda: fill(folder, notes), folder, kill_at=number)
    assert torn(folder) == []
    assert len(temporaries(folder)) <= WRITERS * TOGETHER
    there = present(folder, WANTED)
    notes.unlink(missing_ok=True)
    fill(folder, notes)
    everything = {f"{series} {session}" for series, days in WANTED.items() for session in days}
    asked = notes.read_text("utf-8").splitlines() if notes.exists() else []
    assert set(asked) == everything - there
    assert present(folder, WANTED) == everything
    assert torn(folder) == []
    assert not (asked and claims(folder))  # a run that lacks nothing clears nothing away
    now = zips(folder)
    assert all(now[name] == data for name, data in old.items() if "/minute/" in name)
    shutil.rmtree(root)
    return code != 0


def test_files_are_flushed_before_they_are_renamed(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    put_old(folder, WANTED)
    calls, code = watched(lambda: fill(folder, tmp_path / "notes"), folder)
    assert code == 0
    flushed: set[str] = set()
    renamed = 0
    for call in calls:
        if call.name == "fsync":
            flushed.update(call.paths)
        elif call.name.startswith("rename"):
            old, new = call.paths
            assert old in flushed, call
            flushed.discard(str(Path(new).parent))
            renamed += 1
    assert renamed > 40
    assert {str(folder / "equity/usa/minute/spy"), str(folder / "equity/usa/daily")} <= flushed


def test_complete_folder_is_neither_written_nor_locked(tmp_path: Path) -> None:
    command = Command(tmp_path / "run")
    command.configure()
    arguments = command.arguments(",".join(TICKERS), ",".join(RESOLUTIONS), *WINDOW)

    def run() -> None:
        os.chdir(command.folder)
        os.execve(sys.executable, arguments, command.environment({}))

    calls, code = watched(run, command.data)
    assert code == 0
    assert calls
    assert watched(run, command.data) == ([], 0)
