"""The source `lean-cli` with the real command, when the run is stopped: nothing goes on alone."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import leanfeed
from tests.lean_cli.real.docker_engine import DockerEngine
from tests.lean_cli.real.downloader import Downloader, Outcome
from tests.lean_cli.real.quantconnect_api import QuantConnectApi
from tests.lean_cli.real.workspace import Workspace

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("quantconnect")]

_ROOT = Path(__file__).parents[3]
_START, _END = "2024-07-02", "2024-07-03"
_PATIENCE = 30.0


@pytest.fixture(autouse=True)
def hanging(downloader: Downloader) -> None:
    downloader.outcomes = {"BBB": Outcome.HANG}


@pytest.mark.parametrize("is_background_job", [False, True])
def test_cancel_ends_the_container(
    configured: Workspace,
    docker: DockerEngine,
    data_folder: Path,
    *,
    is_background_job: bool,
) -> None:
    if is_background_job:  # `lean` inherits that
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    cancel = _Cancel(lambda: docker.is_watched)
    with pytest.raises(leanfeed.CancelledError):
        _ensure(data_folder, cancel=cancel.event)
    assert 0 < time.monotonic() - cancel.at < 5
    assert len(docker.created) == 1
    _nothing_is_left(configured, docker)


@pytest.mark.parametrize("is_background_job", [False, True])
def test_cancel_while_the_container_starts(
    configured: Workspace,
    docker: DockerEngine,
    downloader: Downloader,
    data_folder: Path,
    *,
    is_background_job: bool,
) -> None:
    if is_background_job:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    docker.start_seconds = 1.0
    cancel = _Cancel(lambda: bool(downloader.orders))
    with pytest.raises(leanfeed.CancelledError):
        _ensure(data_folder, cancel=cancel.event)
    assert 0 < time.monotonic() - cancel.at < 5
    _nothing_is_left(configured, docker)


def test_the_deadline_comes_while_the_container_starts(
    configured: Workspace,
    docker: DockerEngine,
    data_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LEANFEED_LEAN_CLI_TIMEOUT", "4")
    docker.start_seconds = 6.0
    report = _ensure(data_folder)
    assert "was not done after 4 s" in str(report.failures)
    assert "lean_cli_" not in str(report.failures)
    assert len(docker.created) == 1
    _nothing_is_left(configured, docker)


def test_cancel_does_not_end_lean_under_lean_ui_a_minute_later(
    configured: Workspace, docker: DockerEngine, data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEAN_UI_COMMAND", "1")
    cancel = _Cancel(lambda: docker.is_watched)
    with pytest.raises(leanfeed.CancelledError):
        _ensure(data_folder, cancel=cancel.event)
    assert ("POST", f"/containers/{docker.created[0].id}/kill") in docker.asked
    assert 0 < time.monotonic() - cancel.at < 5
    _nothing_is_left(configured, docker)


def test_cancel_does_not_wait_for_quantconnect(
    configured: Workspace, docker: DockerEngine, quantconnect: QuantConnectApi, data_folder: Path
) -> None:
    quantconnect.is_silent = True
    cancel = _Cancel(lambda: bool(quantconnect.asked))
    with pytest.raises(leanfeed.CancelledError):
        _ensure(data_folder, cancel=cancel.event)
    assert 0 < time.monotonic() - cancel.at < 5
    assert not docker.created
    _nothing_is_left(configured, docker)


@pytest.mark.parametrize(
    ("number", "exit_code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["INT", "TERM"]
)
def test_a_signal_ends_the_container(
    configured: Workspace,
    docker: DockerEngine,
    data_folder: Path,
    number: signal.Signals,
    exit_code: int,
) -> None:
    with _leanfeed(data_folder) as process:
        _await(lambda: docker.is_watched)
        process.send_signal(number)
        asked_at = time.monotonic()
        _, errors = process.communicate(timeout=20)
    assert process.returncode == exit_code
    assert time.monotonic() - asked_at < 5
    assert configured.key not in errors
    _nothing_is_left(configured, docker)


@pytest.mark.parametrize("has_guard", [True, False])
def test_nothing_is_left_of_one_that_was_killed(
    configured: Workspace,
    docker: DockerEngine,
    data_folder: Path,
    downloader: Downloader,
    *,
    has_guard: bool,
) -> None:
    with _leanfeed(data_folder) as process:
        _await(lambda: docker.is_watched)
        if not has_guard:
            for path in _processes_in(configured.temporary):
                if b"leanfeed-guard" in path.read_bytes():
                    os.kill(int(path.parent.name), signal.SIGKILL)
        process.kill()
        process.wait()
    if has_guard:
        _await(lambda: not _processes_in(configured.temporary))
    else:
        assert docker.containers
        assert list(configured.temporary.rglob("lean.json"))
        downloader.outcomes = {}
        assert _ensure(data_folder).complete
    _nothing_is_left(configured, docker)


class _Cancel:
    """Sets an event as soon as a condition holds, and knows when that was."""

    def __init__(self, condition: Callable[[], bool]) -> None:
        self.event = threading.Event()
        self.at = math.inf
        threading.Thread(target=self._set, args=(condition,), daemon=True).start()

    def _set(self, condition: Callable[[], bool]) -> None:
        _await(condition)
        self.at = time.monotonic()
        self.event.set()


def _ensure(data_folder: Path, *, cancel: threading.Event | None = None) -> leanfeed.Report:
    return leanfeed.ensure(
        "AAA,BBB",
        resolution="minute",
        start=_START,
        end=_END,
        data_folder=data_folder,
        sources=["lean-cli"],
        cancel=cancel,
    )


@contextmanager
def _leanfeed(data_folder: Path) -> Iterator[subprocess.Popen[str]]:
    """The command line of leanfeed, as a process of its own."""
    path = os.pathsep.join(
        filter(None, (str(_ROOT), str(_ROOT / "plugins"), os.environ.get("PYTHONPATH")))
    )
    with subprocess.Popen(
        [
            *(sys.executable, "-m", "leanfeed", "ensure", "AAA,BBB", "--resolution", "minute"),
            *("--start", _START, "--end", _END),
            *("--data-folder", str(data_folder), "--sources", "lean-cli"),
        ],
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def _await(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _nothing_is_left(workspace: Workspace, docker: DockerEngine) -> None:
    """No container, no file, no process that knows of the workspace."""
    assert not docker.containers
    assert not list(workspace.temporary.iterdir())
    assert not _processes_in(workspace.temporary)


def _processes_in(folder: Path) -> list[Path]:
    """Those that were told of the folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if str(folder).encode() in path.read_bytes():
                found.append(path)
        except OSError:
            continue
    return found
