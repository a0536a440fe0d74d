"""Whichever file operation fails: no torn file, no lost row, and the next run ends well."""

from __future__ import annotations

import errno
import itertools
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from leanfeed import WriteError
from tests.storage.build_chains import MINUTE as CHAIN, YEAR, chain, name, put_texts
from tests.storage.build_zips import (
    DAILY,
    MINUTE,
    delivery,
    files,
    put,
    quarantined,
    temporaries,
    write,
)
from tests.storage.failing_calls import failing_calls

ERRORS = ("ENOSPC", "EDQUOT", "EIO", "EMFILE", "EROFS", "EACCES", "ENAMETOOLONG", "EXDEV", "ESTALE")
OLD_DAILY = ("20231228 00:00,1,2,1,2,5", "20231229 00:00,1,2,1,2,5")

#: What is done, and what stood there before, by name.
DELIVERIES = {
    "new minute": [delivery()],
    "several new minutes": [delivery(n) for n in range(7)],
    "larger minute": [delivery(count=9)],
    "smaller minute": [delivery(count=3)],
    "damaged minute": [delivery()],
    "damaged minute without trades": [delivery(count=0)],
    "new daily": [delivery(n, "daily") for n in range(2)],
    "daily merge": [delivery(n, "daily") for n in range(2)],
    "damaged daily": [delivery(n, "daily") for n in range(2)],
    "new chain": [chain()],
    "smaller chain": [chain(count=2)],
    "damaged chain": [chain()],
    "new year": [chain(n, "daily") for n in (2, 3)],
    "year merge": [chain(n, "daily") for n in (2, 3)],
    "damaged year": [chain(n, "daily") for n in (2, 3)],
}
#: Where the zip lies, by the last word that a name has of these.
PATHS = {"minute": MINUTE, "daily": DAILY, "chain": CHAIN, "year": YEAR}
OLD_YEAR = {name(100): "20240119 00:00,1,2,1,2,5", name(90): "20240119 00:00,1,2,1,2,5"}


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    monkeypatch.setenv("LEANFEED_KERNEL", "off")  # its calls fail in tests/kernel
    # An announcement that could not be removed is waited for.
    monkeypatch.setattr("leanfeed.default_plugins.merging._LONGEST_MERGE", 0.02)


def prepare(folder: Path, scenario: str) -> bytes:
    """Put there what stood there before; returns it."""
    match scenario.split():
        case ["new", _] | ["several", *_]:
            return b""
        case ["daily", "merge"]:
            return put(folder / DAILY, "spy.csv", *OLD_DAILY)
        case ["year", "merge"]:
            return put_texts(folder / YEAR, OLD_YEAR)
        case ["damaged", "year"]:
            return put_texts(folder / YEAR, {**OLD_YEAR, name(80): "hello world"})
        case ["damaged", "chain"]:
            return put_texts(folder / CHAIN, {"20231228_aapl.csv": "hello world"})
        case ["smaller", "chain"]:
            write(folder, chain())
            return (folder / CHAIN).read_bytes()
        case ["damaged", "daily"]:
            return put(folder / DAILY, "spy.csv", *OLD_DAILY, "hello world")
        case ["damaged", *_]:
            return put(folder / MINUTE, "20240102_spy_minute_trade.csv", "hello world")
        case _:
            write(folder, delivery())
            return (folder / MINUTE).read_bytes()


def path_of(scenario: str) -> str:
    return next(path for word, path in PATHS.items() if word in scenario)


def expected(tmp_path: Path, scenario: str) -> dict[str, bytes]:
    folder = tmp_path / "expected"
    prepare(folder, scenario)
    write(folder, *DELIVERIES[scenario])
    return files(folder)


def check(folder: Path, scenario: str, old: bytes, new: dict[str, bytes]) -> None:
    """Nothing on disk is worse than before."""
    before = {path_of(scenario): old} if old else {}
    now = files(folder)
    if scenario.startswith("several"):
        assert now == dict([*new.items()][: len(now)])
        return
    assert now in (before, new)
    if now != before and scenario.startswith(("damaged", "smaller")):
        assert old in quarantined(folder)


def survive(
    tmp_path: Path, scenario: str, error: int, *, is_for_ever: bool, look: Callable[[Path], None]
) -> int:
    """Let each call of a scenario fail in turn; returns how many there are."""
    new = expected(tmp_path, scenario)
    for number in itertools.count(1):
        folder = tmp_path / f"{number}"
        old = prepare(folder, scenario)
        spared = frozenset({"unlink"}) if is_for_ever else frozenset()
        refusal = ""
        try:
            with failing_calls(
                folder, number=number, error=error, is_for_ever=is_for_ever, spared=spared
            ) as calls:
                write(folder, *DELIVERIES[scenario])
        except WriteError as error_of_ours:
            refusal = str(error_of_ours)
        assert (str(folder) in refusal) if refusal else (files(folder) == new)
        assert "\n" not in refusal
        assert ".tmp" not in refusal
        check(folder, scenario, old, new)
        if "unlink" not in calls.failed:
            look(folder)
        write(folder, *DELIVERIES[scenario])
        assert files(folder) == new
        if not calls.failed:
            return number - 1
    raise AssertionError


def no_leftovers(folder: Path) -> None:
    assert temporaries(folder) == []


@pytest.mark.parametrize("scenario", DELIVERIES)
def test_any_call_may_fail_once(tmp_path: Path, scenario: str) -> None:
    count = survive(tmp_path, scenario, errno.ENOSPC, is_for_ever=False, look=no_leftovers)
    assert count >= 15


@pytest.mark.parametrize("scenario", DELIVERIES)
def test_all_calls_may_fail_from_any_on(tmp_path: Path, scenario: str) -> None:
    survive(tmp_path, scenario, errno.EIO, is_for_ever=True, look=no_leftovers)


@pytest.mark.slow
@pytest.mark.parametrize("is_for_ever", [False, True])
@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("scenario", DELIVERIES)
def test_every_error(tmp_path: Path, scenario: str, error: str, *, is_for_ever: bool) -> None:
    code = getattr(errno, error)
    survive(tmp_path, scenario, code, is_for_ever=is_for_ever, look=no_leftovers)


def test_harness_sees_every_kind_of_call(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    prepare(folder, "damaged daily")
    with failing_calls(folder, number=0, error=errno.EIO) as calls:
        write(folder, *DELIVERIES["damaged daily"])
    assert {"open", "write", "read", "close", "fsync", "replace", "link", "unlink", "mkdir"} | {
        "scandir",
        "stat",
        "lstat",
        "flock",
    } <= set(calls.names)
