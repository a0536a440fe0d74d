"""What lies in the folder against what leanfeed remembers of having written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import leanfeed
from leanfeed.audits.audit import audit
from leanfeed.lean.zips import entry_text
from leanfeed.ledger import Entry
from leanfeed.soundness.contents import Content
from leanfeed.soundness.file_checks import BarFile
from leanfeed.soundness.kinds import Kind
from leanfeed.soundness.ledger_checks import check_ledger
from leanfeed.soundness.rows import parse_rows
from leanfeed.stamps import Stamp
from leanfeed.values import Hours
from tests.audit.files import (
    DAILY,
    DATES,
    DAY,
    MINUTE,
    MINUTE_PATH,
    found,
    kinds,
    put,
    text_of,
)
from tests.build import MemorySource


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four sessions that leanfeed wrote, the third without trades."""
    leanfeed.ensure(
        "SPY",
        resolution=["minute", "daily"],
        start=DATES[0],
        end=DATES[-1],
        data_folder=tmp_path,
        sources=[MemorySource(empty=frozenset({str(DATES[2])}))],
    )
    return tmp_path


def findings(folder: Path) -> list[tuple[str, tuple[object, ...]]]:
    """Without those about made-up minutes that do not amount to made-up days."""
    return [(f.kind.value, f.dates) for f in found(folder) if f.kind != "differs"]


def test_as_it_was_written(folder: Path) -> None:
    assert findings(folder) == []
    assert audit(data_folder=folder).coverage == 100


@pytest.mark.parametrize("series", [MINUTE, DAILY], ids=str)
def test_rows_that_are_gone_are_damage(folder: Path, series: leanfeed.Series) -> None:
    day = DAY if series is MINUTE else None
    path = MINUTE_PATH if series is MINUTE else "equity/usa/daily/spy.zip"
    rows = entry_text(folder / path).split(b"\n")
    put(folder, series, b"\n".join([rows[0], *rows[2:]]), day)
    assert findings(folder) == [("lost-rows", (DAY,))]


def test_rows_that_came_are_suspicious(folder: Path) -> None:
    text = entry_text(folder / MINUTE_PATH)
    put(folder, MINUTE, text + b"\n57540000,1000000,1000000,1000000,1000000,1", DAY)
    assert findings(folder) == [("changed", (DAY,))]


def test_another_text_is_suspicious(folder: Path) -> None:
    text = entry_text(folder / MINUTE_PATH)
    put(folder, MINUTE, text.replace(b",104", b",105"), DAY)
    daily = entry_text(folder / "equity/usa/daily/spy.zip")
    put(folder, DAILY, daily.replace(b",100\n", b",101\n", 1))
    assert findings(folder) == [("changed", (DATES[0],)), ("changed", (DAY,))]


def texts(folder: Path) -> list[str]:
    return [f.text for f in found(folder) if f.kind in (Kind.LOST_ROWS, Kind.CHANGED)]


def test_a_difference_is_told_in_words(folder: Path) -> None:
    text = entry_text(folder / MINUTE_PATH)
    put(folder, MINUTE, text.replace(b",104", b",105"), DAY)
    assert texts(folder) == ["2024-01-03 has other values than were written"]
    put(folder, MINUTE, text.split(b"\n")[0], DAY)
    assert texts(folder) == ["2024-01-03 has 1 bar, 5 were written"]
    (folder / "equity/usa/minute/spy/20240102_trade.zip").unlink()
    put(folder, DAILY, b"20240105 00:00,1000000,1005000,995000,1002500,100")
    assert "2024-01-02 has 0 bars, 1 was written; so with 1 more session" in texts(folder)


def test_what_is_damaged_has_changed_of_course(folder: Path) -> None:
    text = entry_text(folder / MINUTE_PATH)
    put(folder, MINUTE, text + b"\n72000000,1,1,1,1,1", DAY)
    assert findings(folder) == [("outside-session", (DAY,))]


def test_of_a_shared_file_what_changed_beside_the_damage_is_told(folder: Path) -> None:
    first, second, last = entry_text(folder / "equity/usa/daily/spy.zip").split(b"\n")
    second = second.removesuffix(b"100") + b"-1"
    put(folder, DAILY, b"\n".join([first.removesuffix(b"100") + b"99", second, last]))
    assert findings(folder) == [("bad-volume", (DAY,)), ("changed", (DATES[0],))]


def test_a_file_that_was_only_copied(folder: Path) -> None:
    os.utime(folder / MINUTE_PATH)
    assert findings(folder) == [("touched", ())]


def test_a_file_that_was_deleted_is_a_gap(folder: Path) -> None:
    first = folder / MINUTE_PATH.replace("20240103", "20240102")
    first.unlink()
    assert findings(folder) == [("gap", (DATES[0],))]
    assert audit(data_folder=folder).coverage == 87.5


def test_a_shared_file_that_cannot_be_read_was_of_the_days_that_were_written(
    folder: Path,
) -> None:
    (folder / "equity/usa/daily/spy.zip").write_bytes(b"")
    assert findings(folder) == [("unreadable", (DATES[0], DATES[1], DATES[3]))]
    assert audit("SPY", resolution="daily", data_folder=folder).coverage == 25


def test_without_the_ledger_only_the_files_count(folder: Path) -> None:
    put(folder, MINUTE, b"34200000,1,1,1,1,1", DAY)
    (folder / ".leanfeed/ledger.sqlite").unlink()
    assert set(kinds(folder)) <= {"gap", "differs", "jump"}


@pytest.mark.parametrize(("source", "kinds"), [("polygon", [Kind.LOST_ROWS]), ("", [])])
def test_what_leanfeed_only_found_may_change(source: str, kinds: list[Kind]) -> None:
    text = text_of(count=3)
    file = BarFile(MINUTE_PATH, MINUTE, DAY, parse_rows(text, MINUTE, DAY))
    entry = Entry("SPY", 5, Hours.EXTENDED, 9, 9, source, "", 0)
    check_ledger(file, Content((), text, crc=1, stamp=Stamp(8, 8, 8)), {DAY: entry})
    assert [finding.kind for finding in file.findings] == kinds


def test_no_trades_against_the_evidence_are_suspicious(tmp_path: Path) -> None:
    window = {"symbols": "SPY", "start": DATES[0], "end": DATES[-1], "data_folder": tmp_path}
    leanfeed.ensure(resolution="minute", sources=[MemorySource()], **window)
    empty = MemorySource(empty=frozenset({str(DATES[1]), str(DATES[2])}))
    leanfeed.ensure(resolution="daily", sources=[empty], **window)
    assert findings(tmp_path) == [("contradicted", (DATES[1], DATES[2]))]
    report = leanfeed.repair(data_folder=tmp_path, sources=[MemorySource()], strict=True)
    assert report.fetched == 2
    assert findings(tmp_path) == [("quarantine", ())]  # the zip without them
