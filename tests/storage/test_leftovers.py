"""Temporary files are removed when their process is dead for certain, or when they are old."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

import leanfeed
from leanfeed import processes
from leanfeed.default_plugins import own_names
from leanfeed.default_plugins.own_names import is_abandoned, is_own_name, own_name
from leanfeed.default_plugins.safe_files import leftovers, staged, sweep
from tests.build import MemorySource
from tests.storage.build_zips import MINUTE, delivery, temporaries, write

on_linux = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
DAY = 24 * 3600


def left_by_dead_process(folder: Path, name: str = "20240102_trade.zip") -> Path:
    """A file of a process that has ended."""
    code = (
        "import sys; from leanfeed.default_plugins.own_names import own_name\n"
        "print(own_name(sys.argv[1]))"
    )
    made = subprocess.run([sys.executable, "-c", code, name], stdout=-1, check=True, text=True)
    return touch(folder / made.stdout.strip())


def touch(path: Path, *, age: float = 0.0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"half")
    os.utime(path, (time.time() - age,) * 2)
    return path


def other(name: str, *, machine: str = "", pid: str = "", start: str = "") -> str:
    """The name with another owner."""
    *head, was_machine, was_pid, was_start, token, ending = name.split(".")
    parts = (machine or was_machine, pid or was_pid, start or was_start, token, ending)
    return ".".join((*head, *parts))


@on_linux
def test_what_a_dead_process_left_is_removed(tmp_path: Path) -> None:
    file = left_by_dead_process(tmp_path / "equity/usa/minute/spy")
    assert list(leftovers(tmp_path)) == [file]
    assert sweep(tmp_path) == (file,)
    assert temporaries(tmp_path) == []
    assert sweep(tmp_path) == ()


@on_linux
def test_process_id_that_was_given_again_is_another_process(tmp_path: Path) -> None:
    file = touch(tmp_path / other(own_name("spy.zip"), start="1"))
    assert sweep(tmp_path) == (file,)


def test_what_belongs_to_a_living_process_stays(tmp_path: Path) -> None:
    touch(tmp_path / own_name("spy.zip"))
    with staged(tmp_path / "aapl.zip", lambda file: file.write(b"x")) as staging:
        assert sweep(tmp_path) == ()
        staging.put()


def test_what_other_machines_and_containers_wrote_stays_for_a_day(tmp_path: Path) -> None:
    # The same host name and a process id that nobody has here, but not the same system.
    name = other(own_name("spy.zip"), machine="host-00000000", pid="999999999")
    touch(tmp_path / name, age=DAY - 60)
    assert sweep(tmp_path) == ()
    old = touch(tmp_path / name, age=DAY + 60)
    assert sweep(tmp_path) == (old,)


def test_without_proc_age_decides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "_PROC", tmp_path / "nowhere")
    own_names._owner.cache_clear()
    name = own_name("spy.zip")
    own_names._owner.cache_clear()
    touch(tmp_path / other(name, pid="999999999"), age=60)
    assert sweep(tmp_path) == ()


def test_file_of_the_future_is_not_old(tmp_path: Path) -> None:
    name = other(own_name("spy.zip"), machine="elsewhere-00000000")
    touch(tmp_path / name, age=-3 * DAY)
    assert sweep(tmp_path) == ()


FOREIGN = [
    "20240102_trade.zip",
    ".hidden.tmp",
    "notes.tmp",
    ".spy.zip.swp",
    ".spy.zip.tmp",
    ".spy.zip.host.12.34.nothex00.tmp",
    ".spy.zip.host.0.34.01234567.tmp",
    ".nfs0000000000000001",
]


@pytest.mark.parametrize("name", FOREIGN)
def test_what_is_not_ours_stays_however_old(tmp_path: Path, name: str) -> None:
    touch(tmp_path / name, age=100 * DAY)
    assert not is_own_name(name)
    assert sweep(tmp_path) == ()
    assert (tmp_path / name).exists()


@on_linux
def test_only_files_are_removed_and_links_are_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    file = left_by_dead_process(outside)
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / file.name).symlink_to(file)
    (folder / "equity").symlink_to(outside)
    (folder / "sub" / file.name).mkdir(parents=True)
    assert sweep(folder) == ()
    assert file.exists()


@on_linux
def test_names_hold_their_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "büro.example." + "x" * 200)
    own_names._owner.cache_clear()
    name = own_name("20240102_trade.zip")
    own_names._owner.cache_clear()
    assert is_own_name(name)
    assert len(os.fsencode(name)) <= 143  # the shortest limit of a file system in use: eCryptfs
    assert "." not in name.removeprefix(".20240102_trade.zip.").split(".")[0]


@on_linux
def test_run_sweeps_the_folders_that_it_writes_to_and_no_others(tmp_path: Path) -> None:
    folder = tmp_path / "equity/usa/minute"
    file = left_by_dead_process(folder / "spy")
    elsewhere = left_by_dead_process(folder / "aapl")
    mark = left_by_dead_process(tmp_path / ".leanfeed/merging", "equity-usa-daily-spy.zip")
    write(tmp_path, delivery())
    assert (file.exists(), elsewhere.exists(), mark.exists()) == (False, True, True)
    write(tmp_path, delivery(0, "daily"))
    assert (elsewhere.exists(), mark.exists()) == (True, False)


@on_linux
def test_run_that_lacks_nothing_sweeps_nothing(tmp_path: Path) -> None:
    asked = {"resolution": "minute", "start": "2024-01-02", "end": "2024-01-02"}
    source = MemorySource()
    leanfeed.ensure("SPY", data_folder=tmp_path, sources=[source], **asked)  # type: ignore[arg-type]
    file = left_by_dead_process((tmp_path / MINUTE).parent)
    leanfeed.ensure("SPY", data_folder=tmp_path, sources=[source], **asked)  # type: ignore[arg-type]
    assert file.exists()


@on_linux
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_forked_process_has_a_name_of_its_own(tmp_path: Path) -> None:
    own_name("spy.zip")  # remembered from here on
    reading, writing = os.pipe()
    if not (child := os.fork()):
        os.write(writing, own_name("spy.zip").encode())
        os._exit(0)
    os.waitpid(child, 0)
    file = touch(tmp_path / os.read(reading, 300).decode())
    assert f".{child}." in file.name
    with os.scandir(tmp_path) as listing:
        assert [is_abandoned(entry) for entry in listing] == [True]
