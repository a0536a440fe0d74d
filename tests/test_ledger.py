"""The ledger remembers, and is never needed."""

from __future__ import annotations

import datetime as dt
import sqlite3
from pathlib import Path

import pytest
from attrs import evolve

from leanfeed import Hours, Series, Written
from leanfeed.ledger import Ledger
from tests import build

WEEK = build.sessions("2024-01-02", "2024-01-05")
MINUTE = build.series()
AT = dt.datetime(2024, 1, 8, tzinfo=dt.UTC)


def record(folder: Path, *written: Written) -> None:
    with Ledger(folder) as ledger:
        for one in written:
            ledger.record(one, hours=Hours.EXTENDED, at=AT)


def known(folder: Path, series: Series = MINUTE) -> list[str]:
    with Ledger(folder) as ledger:
        return [day.isoformat() for day in ledger.entries(series)]


EMPTY = Written(MINUTE, WEEK[0], "polygon", request_id="r-1")


def test_what_was_recorded_is_known(tmp_path: Path) -> None:
    (tmp_path / "file.zip").write_bytes(b"12345")
    record(tmp_path, EMPTY, evolve(EMPTY, session=WEEK[1], rows=7, path="file.zip"))
    with Ledger(tmp_path) as ledger:
        first, second = ledger.entries(MINUTE).values()
    assert (first.rows, first.size, first.request_id) == (0, 0, "r-1")
    assert (second.rows, second.hours, second.source) == (7, Hours.EXTENDED, "polygon")
    assert second.matches((tmp_path / "file.zip").stat())
    (tmp_path / "file.zip").write_bytes(b"123456")
    assert not second.matches((tmp_path / "file.zip").stat())


def test_series_are_kept_apart_and_the_newest_word_counts(tmp_path: Path) -> None:
    record(tmp_path, EMPTY, evolve(EMPTY, series=build.series("AAPL"), session=WEEK[2]))
    record(tmp_path, evolve(EMPTY, rows=3))
    assert known(tmp_path) == ["2024-01-02"]
    with Ledger(tmp_path) as ledger:
        assert ledger.entries(MINUTE)[WEEK[0].date].rows == 3


def test_nothing_recorded_leaves_no_trace(tmp_path: Path) -> None:
    assert known(tmp_path) == []
    record(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"no database", b"SQLite format 3\0" + b"\0" * 200])
def test_damaged_ledger_is_passed_over_and_made_anew(tmp_path: Path, content: bytes) -> None:
    path = Ledger(tmp_path).path
    path.parent.mkdir()
    path.write_bytes(content)
    assert known(tmp_path) == []
    record(tmp_path, EMPTY)
    assert known(tmp_path) == ["2024-01-02"]


def test_ledger_of_a_newer_leanfeed_is_left_alone(tmp_path: Path) -> None:
    record(tmp_path, EMPTY)
    path = Ledger(tmp_path).path
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = path.read_bytes()
    assert known(tmp_path) == []
    record(tmp_path, EMPTY)
    assert path.read_bytes() == before


def test_disk_that_refuses_costs_only_the_memory(tmp_path: Path) -> None:
    (tmp_path / ".leanfeed").write_text("a file where the folder should be")
    record(tmp_path, EMPTY)
    assert known(tmp_path) == []


def test_entries_reach_the_disk_in_batches(tmp_path: Path) -> None:
    long = build.sessions("2018-01-02", "2023-12-29")
    with Ledger(tmp_path) as ledger:
        for session in long:
            ledger.record(evolve(EMPTY, session=session), hours=Hours.EXTENDED, at=AT)
        assert 0 < len(known(tmp_path)) < len(long)
    assert len(known(tmp_path)) == len(long)
