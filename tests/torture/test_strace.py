"""The process is killed at each system call that writes to the folder; Linux only."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import build
from tests.torture.command import Command
from tests.torture.folder import claims, present, put_old, temporaries, torn, zips
from tests.torture.form import IS_FULL

pytestmark = pytest.mark.slow

#: Two symbols, a month.
ASKED = ("SPY,AAPL", "minute,daily", "2024-01-02", "2024-01-31")
WANTED = {
    build.series(ticker, resolution): build.sessions(*ASKED[2:])
    for ticker in ("SPY", "AAPL")
    for resolution in ("minute", "daily")
}
CALLS = (
    "openat",
    "write",
    "pwrite64",
    "fsync",
    "fdatasync",
    "ftruncate",
    "rename",
    "link",
    "mkdir",
)
CALLS += ("unlink", "unlinkat", "renameat", "linkat", "mkdirat", "fchmod", "chmod", "flock")
#: Each costs two runs, so that the short form tries a few of every kind.
STEP = 1 if IS_FULL else 40


def strace(command: Command, *options: str) -> subprocess.CompletedProcess[str]:
    log = str(command.folder / "calls")
    shown = ["strace", "-f", "-y", "-qq", "-o", log, *options]
    return command.run([*shown, *command.arguments(*ASKED)])


def log(command: Command) -> list[str]:
    lines = (command.folder / "calls").read_text("utf-8", errors="replace").splitlines()
    return [line for line in lines if str(command.data) in line]


@pytest.fixture(scope="module", autouse=True)
def _traceable() -> None:
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    if subprocess.run(["strace", "-f", "-qq", "-o", "/dev/null", "true"], check=False).returncode:
        pytest.skip("strace may not trace here")


def prepared(folder: Path) -> Command:
    command = Command(folder)
    command.configure()
    put_old(command.data, WANTED)
    return command


def writing(line: str) -> str:
    """The name of the system call of a line, when it writes to the folder; else nothing."""
    found = re.match(r"\d+ +(\w+)\(", line)
    name = found[1] if found else ""
    is_reading = name == "openat" and "O_CREAT" not in line
    return "" if is_reading else name


def test_killed_at_each_call_that_writes(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    counted = prepared(tmp_path / "counted")
    calls = "trace=" + ",".join(CALLS)
    assert strace(counted, "-e", calls).returncode == 0
    lines = (counted.folder / "calls").read_text("utf-8", errors="replace").splitlines()
    points = []
    seen: Counter[tuple[str, str]] = Counter()  # strace counts in each thread
    for line in lines:
        if found := re.match(r"(\d+) +(\w+)\(", line):
            thread, call = found.groups()
            seen[thread, call] += 1
            if str(counted.data) in line and writing(line):
                points.append((call, seen[thread, call]))
    assert len(points) > 100
    tried = points[::STEP]
    hits = sum(survive(tmp_path / f"{n}", *point) for n, point in enumerate(tried))
    assert hits > len(tried) / 2
    record_property("points", len(tried))
    record_property("faults", hits)


def survive(folder: Path, call: str, number: int) -> bool:
    """Kill a run at one call; False when it had ended before."""
    command = prepared(folder)
    old = zips(command.data)
    inject = f"inject={call}:signal=KILL:when={number}"
    done = strace(command, "-e", f"trace={call}", "-e", inject)
    command.asked()
    assert torn(command.data) == []
    assert len(temporaries(command.data)) <= 2
    there = present(command.data, WANTED)
    assert command.run(command.arguments(*ASKED)).returncode == 0
    assert set(command.asked()).isdisjoint(there)
    assert len(present(command.data, WANTED)) == sum(map(len, WANTED.values()))
    assert torn(command.data) == claims(command.data) == []
    now = zips(command.data)
    assert all(now[name] == data for name, data in old.items() if "/minute/" in name)
    shutil.rmtree(folder)
    return done.returncode != 0


def test_files_are_flushed_before_they_are_renamed(tmp_path: Path) -> None:
    command = prepared(tmp_path / "run")
    assert strace(command, "-e", "trace=fsync,rename").returncode == 0
    flushed: set[str] = set()
    renamed = 0
    for line in log(command):
        if found := re.search(r"fsync\(\d+<(.+?)>\)", line):
            flushed.add(found[1])
        elif found := re.search(r'rename\("(.+?)", "(.+?)"\)', line):
            assert found[1] in flushed, line
            flushed.discard(str(Path(found[2]).parent))
            renamed += 1
    assert renamed > 40
    assert {
        str(command.data / "equity/usa/minute/spy"),
        str(command.data / "equity/usa/daily"),
    } <= (flushed)


def test_complete_folder_is_neither_written_nor_locked(tmp_path: Path) -> None:
    command = prepared(tmp_path / "run")
    assert command.run(command.arguments(*ASKED)).returncode == 0
    assert strace(command, "-e", "trace=" + ",".join(CALLS)).returncode == 0
    assert [line for line in log(command) if writing(line)] == []
