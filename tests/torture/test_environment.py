"""Odd surroundings: the run completes, or says in one sentence why it cannot."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import build
from tests.torture.command import Command
from tests.torture.folder import claims, present, temporaries, torn

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="limits and modes of POSIX"),
]

ASKED = ("SPY,AAPL", "minute,daily", "2024-01-02", "2024-01-05")
WANTED = {
    build.series(ticker, resolution): build.sessions(*ASKED[2:])
    for ticker in ("SPY", "AAPL")
    for resolution in ("minute", "daily")
}
MEGABYTE = 2**20


@pytest.fixture
def command(tmp_path: Path) -> Command:
    made = Command(tmp_path / "run")
    made.configure()
    return made


def is_complete(command: Command) -> bool:
    return torn(command.data) == [] and len(present(command.data, WANTED)) == 16


def limited(which: int, value: int) -> Callable[[], None]:
    return lambda: resource.setrlimit(which, (value, value))


@pytest.mark.parametrize(
    "environment",
    [
        {"HOME": None},
        {"HOME": "/nonexistent", "XDG_CACHE_HOME": None},
        {"HOME": "/proc", "XDG_CACHE_HOME": None},
        {"PYTHONTZPATH": ""},
        {"TZ": "Pacific/Kiritimati"},
        {"TZ": "nonsense"},
        {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"LANG": "tr_TR.UTF-8", "LC_ALL": "tr_TR.UTF-8"},
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONDONTWRITEBYTECODE": "1", "TMPDIR": "/nonexistent"},
        {"COLUMNS": "20"},
        {"TERM": "dumb"},
    ],
    ids=lambda environment: ",".join(f"{k}={v}" for k, v in environment.items()),
)
def test_variables(command: Command, environment: dict[str, str | None]) -> None:
    done = command.run(command.arguments(*ASKED), environment=environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert is_complete(command)


@pytest.mark.parametrize("options", [["-O"], ["-OO"], ["-X", "dev", "-W", "error"]], ids=" ".join)
def test_options_of_python(command: Command, options: list[str]) -> None:
    done = command.run(command.arguments(*ASKED, python=options))
    assert (done.returncode, done.stderr) == (0, "")
    assert is_complete(command)


@pytest.mark.parametrize(
    ("which", "value"),
    [
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_NOFILE, 8),
        (resource.RLIMIT_AS, 512 * MEGABYTE),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_STACK, 256 * 1024),
    ],
)
def test_limits(command: Command, which: int, value: int) -> None:
    environment = {"OPENBLAS_NUM_THREADS": None}
    arguments = command.arguments(*ASKED)
    done = command.run(arguments, preexec_fn=limited(which, value), environment=environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert is_complete(command)


def test_too_few_descriptors_are_one_sentence(command: Command) -> None:
    limit = limited(resource.RLIMIT_NOFILE, 5)
    done = command.run(command.arguments(*ASKED), preexec_fn=limit)
    assert done.returncode == 1
    assert_one_sentence(done, str(command.data), "Too many open files")
    assert command.run(command.arguments(*ASKED)).returncode == 0
    assert is_complete(command)


@pytest.mark.parametrize(("mask", "mode"), [(0o077, 0o600), (0o022, 0o644), (0o002, 0o664)])
def test_modes_follow_the_umask(command: Command, mask: int, mode: int) -> None:
    done = command.run(command.arguments(*ASKED), preexec_fn=lambda: os.umask(mask))
    assert done.returncode == 0
    modes = {path.stat().st_mode & 0o777 for path in command.data.rglob("*.zip")}
    assert modes == {mode}
    folders = {path.stat().st_mode & 0o777 for path in command.data.rglob("*") if path.is_dir()}
    assert folders == {0o777 & ~mask}


def small_file_sizes() -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # as Python does, so that a write fails
    resource.setrlimit(resource.RLIMIT_FSIZE, (250, 250))


def test_files_that_may_not_grow_are_one_sentence(command: Command) -> None:
    done = command.run(command.arguments(*ASKED), preexec_fn=small_file_sizes)
    assert done.returncode == 1
    assert_one_sentence(done, str(command.data))
    assert torn(command.data) == temporaries(command.data) == claims(command.data) == []
    command.asked()
    assert command.run(command.arguments(*ASKED)).returncode == 0
    assert is_complete(command)


def assert_one_sentence(done: subprocess.CompletedProcess[str], *words: str) -> None:
    """The last line says what happened and where; the lines before it belong to the report."""
    line = done.stderr.splitlines()[-1]
    assert line.startswith("Error: ")
    assert all(word in line for word in words), line
    assert "Traceback" not in done.stderr


@pytest.fixture
def tiny_disk(command: Command) -> Iterator[Path]:
    command.data.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", str(command.data)]
    if os.geteuid() or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("only root may mount a disk of 200 kB")
    yield command.data
    subprocess.run(["umount", str(command.data)], check=True)


def test_full_disk_is_one_sentence_and_what_was_written_stays(
    command: Command, tiny_disk: Path
) -> None:
    many = ("SPY,AAPL", "minute", "2024-01-02", "2024-03-28")
    done = command.run(command.arguments(*many))
    assert done.returncode == 1
    assert_one_sentence(done, str(command.data), "No space left on device")
    assert torn(tiny_disk) == temporaries(tiny_disk) == []
    wanted = {build.series(ticker): build.sessions(*many[2:]) for ticker in ("SPY", "AAPL")}
    written = present(tiny_disk, wanted)
    assert len(written) > 10
    subprocess.run(["mount", "-o", "remount,size=4m", str(tiny_disk)], check=True)
    command.asked()
    assert command.run(command.arguments(*many)).returncode == 0
    assert torn(tiny_disk) == []
    assert set(command.asked()).isdisjoint(written)
    assert len(present(tiny_disk, wanted)) == 2 * len(build.sessions(*many[2:]))


def snapshot(folder: Path) -> dict[str, Any]:
    found = {}
    for path in [folder, *folder.rglob("*")]:
        stat = path.stat()
        found[str(path)] = (stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)
    return found


@pytest.mark.parametrize("is_mounted", [False, True])
@pytest.mark.parametrize("has_ledger", [True, False])
def test_complete_folder_needs_no_write(
    command: Command, *, is_mounted: bool, has_ledger: bool
) -> None:
    """Read-only or not, the complete folder is asked nothing, locked by nobody, written nowhere."""
    assert command.run(command.arguments(*ASKED)).returncode == 0
    if not has_ledger:
        (command.data / ".leanfeed/ledger.sqlite").unlink()
    command.asked()
    before = snapshot(command.data)
    unmount: list[str] = []
    if is_mounted:
        folder = str(command.data)
        bind = ["mount", "--bind", folder, folder]
        if os.geteuid() or subprocess.run(bind, capture_output=True).returncode:
            pytest.skip("only root may mount a folder read-only")
        subprocess.run(["mount", "-o", "remount,ro,bind", folder], check=True)
        unmount = ["umount", folder]
    try:
        done = command.run(command.arguments(*ASKED))
        assert (done.returncode, done.stderr) == (0, "")
        if is_mounted or has_ledger:
            assert snapshot(command.data) == before
        more = command.arguments(*ASKED[:3], "2024-01-08")
        if is_mounted:
            refused = command.run(more)
            assert refused.returncode == 1
            assert_one_sentence(refused, str(command.data))
            assert snapshot(command.data) == before
        assert command.asked() == []
    finally:
        if unmount:
            subprocess.run(unmount, check=True)


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "<&-", ">/dev/full"])
def test_closed_outputs(command: Command, closed: str) -> None:
    line = " ".join(command.arguments(*ASKED))
    with command.start(["sh", "-c", f"{line} {closed}"]) as process:
        _, errors = process.communicate(timeout=60)
    assert "Traceback" not in errors
    assert is_complete(command)


def test_head_is_quiet(command: Command) -> None:
    line = " ".join(command.arguments(*ASKED))
    done = command.run(["bash", "-o", "pipefail", "-c", f"{line} | head -n 1"])
    assert len(done.stdout.splitlines()) == 1
    assert done.stderr == ""
    assert is_complete(command)
