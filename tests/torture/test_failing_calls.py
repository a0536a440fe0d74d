"""Whichever file operation of a whole run fails: a typed error, whole files, and a way on."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

import leanfeed
from leanfeed import LeanfeedError, Report
from tests import build
from tests.storage.failing_calls import FailingCalls, failing_calls
from tests.torture.folder import present, put_old, temporaries, torn, zips
from tests.torture.form import IS_FULL
from tests.torture.plugin import Truthful

pytestmark = pytest.mark.slow

ERRORS = ("ENOSPC", "EDQUOT", "EIO", "EMFILE", "EROFS", "EACCES", "ENAMETOOLONG", "EXDEV", "ESTALE")
RESOLUTIONS = ("minute", "daily")
WINDOW = ("2024-01-02", "2024-01-04")
WANTED = {build.series(resolution=name): build.sessions(*WINDOW) for name in RESOLUTIONS}
#: Without them nobody could clean up, and this process would hold its own locks for good.
SPARED = frozenset({"unlink", "flock"})


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    # An announcement that could not be removed is waited for.
    monkeypatch.setattr("leanfeed.default_plugins.merging._LONGEST_MERGE", 0.02)


def ensure(folder: Path, notes: Path) -> Report:
    return leanfeed.ensure(
        "SPY",
        resolution=RESOLUTIONS,
        start=WINDOW[0],
        end=WINDOW[1],
        data_folder=folder,
        sources=[Truthful(notes=str(notes))],
    )


def lines(path: Path) -> list[str]:
    return path.read_text("utf-8").splitlines() if path.exists() else []


def prepare(folder: Path, scenario: str) -> None:
    """Put there what stood there before."""
    if scenario != "new folder":
        put_old(folder, WANTED)
    if scenario == "damaged":
        (folder / "equity/usa/minute/spy/20240103_trade.zip").write_bytes(b"PK torn")
    if scenario == "complete":
        ensure(folder, folder.with_suffix(".before"))
        (folder / ".leanfeed/ledger.sqlite").unlink()


def survive(root: Path, scenario: str, number: int, error: int, *, for_ever: bool) -> FailingCalls:
    """Let one call fail, or all from that one on, and check what is left and what comes next."""
    folder, notes = root / f"{number}", root / f"{number}.notes"
    prepare(folder, scenario)
    old = {name: data for name, data in zips(folder).items() if b"torn" not in data}
    spared = SPARED if for_ever else frozenset()
    kept: set[str] = set()
    refusal = ""
    with failing_calls(
        folder, number=number, error=error, is_for_ever=for_ever, spared=spared
    ) as calls:
        try:
            report = ensure(folder, notes)
        except LeanfeedError as refused:
            refusal = str(refused)
        else:
            kept = {f"{s.series} {session}" for s in report.series for session in s.written}
            assert report.complete
    if refusal:
        assert str(folder) in refusal
        assert ".tmp" not in refusal
        assert "\n" not in refusal
    damaged = [line for line in torn(folder) if "20240103" not in line or scenario != "damaged"]
    assert damaged == []
    now = zips(folder)
    assert all(now[name] == data for name, data in old.items() if "/minute/" in name)
    if "unlink" not in calls.failed:
        assert temporaries(folder) == []
    there = sound(folder)
    assert kept <= there
    notes.unlink(missing_ok=True)
    assert ensure(folder, notes).complete
    everything = {f"{line} {day}" for line, days in WANTED.items() for day in days}
    assert sound(folder) == everything
    assert set(lines(notes)) == everything - there
    return calls


def sound(folder: Path) -> set[str]:
    """The sessions that are there, but for a file that was damaged before."""
    torn_file = folder / "equity/usa/minute/spy/20240103_trade.zip"
    if torn_file.exists() and torn_file.read_bytes() == b"PK torn":
        wanted = {
            line: [day for day in days if (line.resolution, str(day)) != ("minute", "2024-01-03")]
            for line, days in WANTED.items()
        }
        return present(folder, wanted)
    return present(folder, WANTED)


@pytest.mark.parametrize("for_ever", [False, True], ids=["once", "for ever"])
@pytest.mark.parametrize("error", ERRORS if IS_FULL else ("ENOSPC", "EIO"))
@pytest.mark.parametrize("scenario", ["new folder", "merge", "damaged", "complete"])
def test_any_call_of_a_run_may_fail(
    tmp_path: Path,
    scenario: str,
    error: str,
    record_property: Callable[[str, object], None],
    *,
    for_ever: bool,
) -> None:
    step = 1 if IS_FULL else 3
    faults = 0
    for number in range(1, 10_000, step):
        code = getattr(errno, error)
        calls = survive(tmp_path, scenario, number, code, for_ever=for_ever)
        if not calls.failed:
            break
        faults += 1
    assert faults > 5
    record_property("points", faults)
    record_property("faults", faults)
