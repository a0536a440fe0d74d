"""Ctrl-C, SIGTERM and a closed terminal end a run within five seconds, and say what is missing."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests import build
from tests.torture.command import Command
from tests.torture.folder import claims, present, temporaries, torn

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="signals of POSIX"),
]

ASKED = ("SPY,AAPL", "minute", "2024-01-02", "2024-02-15")
WANTED = {build.series(ticker): build.sessions(*ASKED[2:]) for ticker in ("SPY", "AAPL")}
COUNT = sum(map(len, WANTED.values()))
SIGNALS = [(signal.SIGINT, 130), (signal.SIGTERM, 143)]
if hasattr(signal, "SIGHUP"):
    SIGNALS.append((signal.SIGHUP, 129))


def children(process: subprocess.Popen[str]) -> list[int]:
    """Every process of the session that the command began."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[0] != "Z" and int(fields[3]) == process.pid:
            found.append(int(stat.parent.name))
    return found


def wait_for(command: Command, share: float, process: subprocess.Popen[str]) -> None:
    while process.poll() is None:
        if len(list(command.data.glob("equity/usa/minute/*/*.zip"))) >= share * COUNT:
            return
        time.sleep(0.005)


@pytest.mark.parametrize("share", [0.15, 0.5, 0.8])
@pytest.mark.parametrize(("number", "code"), SIGNALS)
def test_signal_ends_the_run(
    tmp_path: Path, number: signal.Signals, code: int, share: float
) -> None:
    command = Command(tmp_path / "run")
    command.configure(pause=0.02)
    with command.start(command.arguments(*ASKED), start_new_session=True) as process:
        wait_for(command, share, process)
        sent = time.monotonic()
        process.send_signal(number)
        _, errors = process.communicate(timeout=30)
        took = time.monotonic() - sent
    assert process.returncode == code
    assert took < 5
    assert children(process) == []
    assert torn(command.data) == temporaries(command.data) == claims(command.data) == []
    there = present(command.data, WANTED)
    assert share * COUNT <= len(there) < COUNT
    last = errors.splitlines()[-1]
    assert last == (
        f"Interrupted. Stopped with {len(there)} sessions stored, "
        f"{COUNT - len(there)} sessions still missing: run again to go on."
    )
    command.asked()
    assert command.run(command.arguments(*ASKED)).returncode == 0
    assert len(command.asked()) == COUNT - len(there)


@pytest.mark.parametrize(("number", "code"), SIGNALS)
def test_source_that_does_not_listen_is_left_behind(
    tmp_path: Path, number: signal.Signals, code: int
) -> None:
    command = Command(tmp_path / "run")
    command.configure("misbehaving", how="hangs")
    with command.start(command.arguments(*ASKED)) as process:
        while not (command.data / ".leanfeed/runs").exists() and process.poll() is None:
            time.sleep(0.005)
        time.sleep(0.2)
        sent = time.monotonic()
        process.send_signal(number)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == code
    assert time.monotonic() - sent < 5
    assert f"{COUNT} sessions still missing" in errors.splitlines()[-1]
    assert not command.data.exists()


def test_second_ctrl_c_ends_at_once(tmp_path: Path) -> None:
    command = Command(tmp_path / "run")
    command.configure("misbehaving", how="hangs")
    with command.start(command.arguments(*ASKED)) as process:
        while not (command.data / ".leanfeed/runs").exists() and process.poll() is None:
            time.sleep(0.005)
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        time.sleep(0.3)
        sent = time.monotonic()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    assert time.monotonic() - sent < 2
    assert process.returncode == 130
    assert "Traceback" not in errors
