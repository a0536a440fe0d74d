"""``leanfeed ensure`` may be killed at any moment: the next run completes what is there."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from attrs import frozen

import leanfeed
from leanfeed import Series, Session
from tests import build
from tests.torture.command import Command
from tests.torture.folder import (
    OLD_DAYS,
    claims,
    present,
    put_old,
    row_texts,
    temporaries,
    torn,
    zips,
)
from tests.torture.form import points
from tests.torture.plugin import Truthful

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL"),
]

WINDOW = ("2024-01-02", "2024-01-12")


@frozen
class Scenario:
    """What the run that is killed does."""

    symbols: str
    resolutions: str
    #: Seconds from the first file to the end of a run that is left alone, about.
    lasts: float
    #: Temporary files at a time: sessions that are written together, or a zip that is merged and
    #: the announcement of it.
    in_flight: int

    def wanted(self, end: str = WINDOW[1]) -> Mapping[Series, tuple[Session, ...]]:
        return {
            build.series(ticker, resolution): build.sessions(WINDOW[0], end)
            for ticker in self.symbols.split(",")
            for resolution in self.resolutions.split(",")
        }


MINUTE = Scenario("SPY,AAPL", "minute", 0.15, 16)
DAILY = Scenario("SPY,AAPL,MSFT,QQQ,IBM", "daily,hour", 0.25, 2)


def names(folder: Path) -> set[tuple[str, int]]:
    """Every file of LEAN's folders, temporary ones too, and which one it is."""
    found = set()
    for path in folder.glob("equity/usa/*/**/*"):
        try:
            found.add((path.name, path.stat().st_ino))
        except FileNotFoundError:
            continue
    return found


def wait_for_new_files(folder: Path, process: subprocess.Popen[str], count: int) -> None:
    """Return when `count` files have shown up, or the process has ended."""
    before = names(folder)
    while len(names(folder) - before) < count and process.poll() is None:
        pass


def kill(command: Command, scenario: Scenario, seed: int) -> bool:
    """Start a run and kill it, half of them right after a file showed up; False: it was over."""
    chance = random.Random(seed)
    arguments = command.arguments(scenario.symbols, scenario.resolutions, *WINDOW)
    with command.start(arguments) as process:
        if seed % 2:
            wait_for_new_files(command.data, process, chance.randint(1, 8))
            time.sleep(chance.uniform(0, 0.004))
        else:
            runs = command.data / ".leanfeed/runs"
            while not runs.exists() and process.poll() is None:
                time.sleep(0.001)
            time.sleep(chance.uniform(0, scenario.lasts))
        process.kill()
        process.communicate()
    return process.returncode == -signal.SIGKILL


def check_nothing_is_worse(folder: Path, old: Mapping[str, bytes]) -> None:
    assert torn(folder) == []
    now = zips(folder)
    for name, content in old.items():
        if "/minute/" in name:
            assert now[name] == content
        else:
            assert row_texts(folder / name)[: len(OLD_DAYS)] == list(OLD_DAYS)


def finish(command: Command, scenario: Scenario, end: str) -> set[str]:
    """The run after the kill; returns for what it asked."""
    report = leanfeed.ensure(
        scenario.symbols,
        resolution=scenario.resolutions.split(","),
        start=WINDOW[0],
        end=end,
        data_folder=command.data,
        sources=[Truthful(notes=str(command.notes))],
    )
    assert report.complete
    return set(command.asked())


@pytest.mark.parametrize("seed", points(short=10, full=200))
@pytest.mark.parametrize("scenario", [MINUTE, DAILY], ids=["minute", "daily"])
def test_killed_at_any_moment(
    tmp_path: Path, scenario: Scenario, seed: int, record_property: Callable[[str, object], None]
) -> None:
    command = Command(tmp_path / "run")
    command.configure(pause=0.005)
    old = put_old(command.data, scenario.wanted())
    record_property("faults", int(kill(command, scenario, seed)))
    command.asked()
    check_nothing_is_worse(command.data, old)
    assert len(temporaries(command.data)) <= scenario.in_flight
    later = scenario.wanted("2024-01-16")  # so that something is written
    there = present(command.data, later)
    asked = finish(command, scenario, "2024-01-16")
    check_nothing_is_worse(command.data, old)
    everything = {f"{series} {session}" for series, days in later.items() for session in days}
    assert present(command.data, later) == everything
    assert asked == everything - there
    assert temporaries(command.data) == claims(command.data) == []
    assert finish(command, scenario, "2024-01-16") == set()
