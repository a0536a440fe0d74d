"""The ledger remembers, and is never needed."""

from __future__ import annotations

import datetime as dt
import multiprocessing
import signal
import sqlite3
import subprocess
import sys
import time
import zlib
from contextlib import closing
from pathlib import Path

import pytest
from attrs import evolve

from leanfeed import Hours, Series, Written
from leanfeed.lean.zips import zip_bytes
from leanfeed.ledger import Columns, Ledger, ledger as ledger_module, storage
from leanfeed.stamps import Stamp
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
    file = tmp_path / "file.zip"
    file.write_bytes(zip_bytes("one.csv", b"0,1,1,1,1,1"))
    with Ledger(tmp_path) as ledger:
        ledger.record(EMPTY, hours=Hours.EXTENDED, at=AT)
        traded = evolve(EMPTY, session=WEEK[1], rows=7, path="file.zip")
        ledger.record(traded, hours=Hours.REGULAR, at=AT, note="polygon was down")
    with Ledger(tmp_path) as ledger:
        first, second = ledger.entries(MINUTE).values()
    assert (first.rows, first.size, first.crc, first.request_id) == (0, 0, 0, "r-1")
    assert (second.rows, second.hours, second.source) == (7, Hours.REGULAR, "polygon")
    assert (second.crc, second.note) == (zlib.crc32(b"0,1,1,1,1,1"), "polygon was down")
    assert second.affirmed_at == AT.timestamp() * 1000
    stamp = Stamp.of(file.stat())
    assert second.speaks_of(stamp)
    assert not second.speaks_of(stamp._replace(size=stamp.size + 1))
    assert not first.speaks_of(Stamp(0, 0, 0))


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


def test_ledger_that_somebody_holds_is_waited_for_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(tmp_path, EMPTY)
    monkeypatch.setattr(storage, "_PATIENCE", 0.2)
    monkeypatch.setattr(ledger_module, "_FLUSH_EVERY", 0.0)
    with closing(sqlite3.connect(Ledger(tmp_path).path, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        started = time.monotonic()
        record(tmp_path, *(evolve(EMPTY, session=session) for session in WEEK * 5))
        assert time.monotonic() - started < 2
    assert known(tmp_path) == ["2024-01-02"]
    record(tmp_path, evolve(EMPTY, session=WEEK[1]))
    assert known(tmp_path) == ["2024-01-02", "2024-01-03"]


def test_link_that_leads_out_is_not_written_through(tmp_path: Path) -> None:
    data, outside = tmp_path / "data", tmp_path / "outside"
    path = Ledger(data).path
    path.parent.mkdir(parents=True)
    path.symlink_to(outside)
    record(data, EMPTY)
    assert not outside.exists()
    assert known(data) == []


def test_entries_reach_the_disk_in_batches(tmp_path: Path) -> None:
    long = build.sessions("2018-01-02", "2023-12-29")
    with Ledger(tmp_path) as ledger:
        for session in long:
            ledger.record(evolve(EMPTY, session=session), hours=Hours.EXTENDED, at=AT)
        assert 0 < len(known(tmp_path)) < len(long)
    assert len(known(tmp_path)) == len(long)


def test_entries_of_a_slow_run_reach_the_disk_soon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_module, "_FLUSH_EVERY", 0.0)
    with Ledger(tmp_path) as ledger:
        ledger.record(EMPTY, hours=Hours.EXTENDED, at=AT)
        assert known(tmp_path) == ["2024-01-02"]


def columns(folder: Path) -> Columns | None:
    with Ledger(folder) as ledger:
        return ledger.columns([MINUTE]).get(MINUTE)


def test_columns_say_the_same_as_entries(tmp_path: Path) -> None:
    (tmp_path / "file.zip").write_bytes(b"not a zip, but it has a size")
    assert columns(tmp_path) is None
    traded = (evolve(EMPTY, session=s, rows=n, path="file.zip") for n, s in enumerate(WEEK))
    record(tmp_path, *reversed(list(traded)))
    found = columns(tmp_path)
    assert found is not None
    assert found.days.tolist() == [20240102, 20240103, 20240104, 20240105]
    with Ledger(tmp_path) as ledger:
        entries = ledger.entries(MINUTE).values()
    assert found.ticker == "SPY"
    assert found.sizes.tolist() == [entry.size for entry in entries]
    assert found.changes_ns.tolist() == [entry.changed_ns for entry in entries]
    assert found.affirmed_at.tolist() == [entry.affirmed_at for entry in entries]
    assert found.is_regular.tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM session WHERE date = 20240103",
        "UPDATE session SET rows = 9 WHERE date = 20240103",
        "INSERT INTO session SELECT series, 20240108, ticker, 1, hours, 1, 1, '', '', 1, 1, '' "
        "FROM session LIMIT 1",
    ],
)
def test_columns_are_dropped_with_the_first_row_that_changes(
    tmp_path: Path, statement: str
) -> None:
    record(tmp_path, *(evolve(EMPTY, session=session) for session in WEEK))
    assert columns(tmp_path) is not None
    with closing(sqlite3.connect(Ledger(tmp_path).path)) as connection, connection:
        connection.execute(statement)
    assert columns(tmp_path) is None
    record(tmp_path, EMPTY)
    assert columns(tmp_path) is not None


@pytest.mark.parametrize(
    "change",
    [
        "size = 'many'",
        "rows = x'00'",
        "hours = 'lunch'",
        "date = 99999999",
        "date = 'soon'",
        "ticker = x'ff'",
    ],
)
def test_nonsense_in_a_row_is_passed_over(tmp_path: Path, change: str) -> None:
    other = evolve(EMPTY, session=WEEK[1])
    record(tmp_path, EMPTY, other)
    with closing(sqlite3.connect(Ledger(tmp_path).path)) as connection, connection:
        connection.execute(f"UPDATE session SET {change} WHERE date = 20240103")
    assert known(tmp_path) == ["2024-01-02"]
    record(tmp_path, EMPTY)
    assert known(tmp_path) == ["2024-01-02"]
    record(tmp_path, other)
    assert known(tmp_path) == ["2024-01-02", "2024-01-03"]


@pytest.mark.parametrize("data", [b"", b"12345", b"\0" * 8 * 4, b"\xff" * 8 * 600])
def test_nonsense_in_the_columns_is_passed_over(tmp_path: Path, data: bytes) -> None:
    record(tmp_path, EMPTY)
    with closing(sqlite3.connect(Ledger(tmp_path).path)) as connection, connection:
        connection.execute("UPDATE packed SET columns = ?", (data,))
    found = columns(tmp_path)
    assert found is None or 20240102 not in found.days


def test_ledger_with_other_tables_is_begun_anew(tmp_path: Path) -> None:
    path = Ledger(tmp_path).path
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE session (series TEXT)")
    assert known(tmp_path) == []
    record(tmp_path, EMPTY)
    assert known(tmp_path) == ["2024-01-02"]


_DIES_WHILE_IT_WRITES = """
import os, signal, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA cache_size = 1")
connection.execute("BEGIN IMMEDIATE")
connection.execute("UPDATE session SET rows = 77, request_id = hex(randomblob(2000))")
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_run_that_is_killed_while_it_writes_changes_nothing(tmp_path: Path) -> None:
    long = build.sessions("2023-01-03", "2023-12-29")
    record(tmp_path, *(evolve(EMPTY, session=session) for session in long))
    path = Ledger(tmp_path).path
    before = path.read_bytes()
    killed = subprocess.run([sys.executable, "-c", _DIES_WHILE_IT_WRITES, path], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert path.read_bytes() != before
    with Ledger(tmp_path) as ledger:
        assert {entry.rows for entry in ledger.entries(MINUTE).values()} == {0}
    assert len(known(tmp_path)) == len(long)


def _record_many(folder: Path, ticker: str, barrier: object) -> None:
    line = build.series(ticker)
    barrier.wait()  # type: ignore[attr-defined]
    for session in build.sessions("2024-01-02", "2024-01-31"):
        record(folder, evolve(EMPTY, series=line, session=session))


@pytest.mark.slow
def test_sixteen_processes_forget_nothing(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(16)
    tickers = [f"T{number}" for number in range(16)]
    writers = [
        context.Process(target=_record_many, args=(tmp_path, ticker, barrier)) for ticker in tickers
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    days = len(build.sessions("2024-01-02", "2024-01-31"))
    assert {len(known(tmp_path, build.series(ticker))) for ticker in tickers} == {days}
