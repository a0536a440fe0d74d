"""What replaces what: shrinking, unchanged and empty answers, and what is confirmed of them."""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import given, settings, strategies as st

from leanfeed import Bars
from leanfeed.lean.zips import entry_text
from tests.storage.build_zips import (
    DAILY,
    HOUR,
    MINUTE,
    SESSIONS,
    delivery,
    files,
    put,
    quarantined,
    rows,
    write,
)

NAMES = {"minute": MINUTE, "hour": HOUR, "daily": DAILY}


@pytest.mark.parametrize(("count", "is_kept"), [(198, False), (197, True), (1, True), (201, False)])
def test_minute_file_that_loses_more_than_a_hundredth_is_kept_aside(
    tmp_path: Path, count: int, *, is_kept: bool
) -> None:
    write(tmp_path, delivery(count=200))
    old = (tmp_path / MINUTE).read_bytes()
    (written,) = write(tmp_path, delivery(count=count))
    assert len(rows(tmp_path / MINUTE)) == count
    assert (written.rows, written.rows_before, written.is_changed) == (count, 200, True)
    assert bool(written.kept_aside) is is_kept
    assert quarantined(tmp_path) == ([old] if is_kept else [])
    if is_kept:
        assert (tmp_path / written.kept_aside).read_bytes() == old


def test_hour_file_is_kept_aside_when_one_session_loses_bars(tmp_path: Path) -> None:
    write(tmp_path, *(delivery(n, "hour", count=7) for n in range(20)))
    old = (tmp_path / HOUR).read_bytes()
    one, two = write(tmp_path, delivery(3, "hour", count=6), delivery(4, "hour", count=7, price=9))
    assert quarantined(tmp_path) == [old]
    assert (one.rows_before, one.rows, two.rows_before, two.rows) == (7, 6, 7, 7)
    assert (one.kept_aside, bool(two.kept_aside)) == ("", True)
    assert len(rows(tmp_path / HOUR)) == 139


def test_rows_that_only_a_second_entry_had_are_kept_aside(tmp_path: Path) -> None:
    (tmp_path / DAILY).parent.mkdir(parents=True)
    with zipfile.ZipFile(tmp_path / DAILY, "w") as archive:
        archive.writestr("spy.csv", "20231228 00:00,1,2,1,2,5")
        archive.writestr("old.csv", "20231228 00:00,7,7,7,7,7")
    old = (tmp_path / DAILY).read_bytes()
    write(tmp_path, delivery(0, "daily"))
    assert rows(tmp_path / DAILY)[0] == "20231228 00:00,1,2,1,2,5"
    assert quarantined(tmp_path) == [old]


@pytest.mark.parametrize("resolution", NAMES)
def test_same_bars_are_not_written_again(tmp_path: Path, resolution: str) -> None:
    write(tmp_path, delivery(0, resolution))
    path = tmp_path / NAMES[resolution]
    before = (path.read_bytes(), path.stat().st_mtime_ns, path.stat().st_ino)
    (written,) = write(tmp_path, delivery(0, resolution))
    assert (path.read_bytes(), path.stat().st_mtime_ns, path.stat().st_ino) == before
    assert (written.is_changed, written.bytes_written) == (False, 0)
    assert written.rows == written.rows_before == len(rows(path))
    assert written.path == NAMES[resolution]


def test_another_spelling_of_the_same_bars_is_no_change_but_mended(tmp_path: Path) -> None:
    write(tmp_path, delivery(count=2))
    lines = rows(tmp_path / MINUTE)
    spelt = [line.replace("1000000", "1000000.0") + "\r" for line in lines]
    put(tmp_path / MINUTE, "20240102_spy_minute_trade.csv", *spelt, "")
    (written,) = write(tmp_path, delivery(count=2))
    assert (written.is_changed, written.rows_before, written.kept_aside) == (False, 2, "")
    assert rows(tmp_path / MINUTE) == lines


def test_wrong_name_of_the_entry_is_mended(tmp_path: Path) -> None:
    write(tmp_path, delivery(count=2))
    right = (tmp_path / MINUTE).read_bytes()
    put(tmp_path / MINUTE, "tapa/tapa.csv", *rows(tmp_path / MINUTE))
    (written,) = write(tmp_path, delivery(count=2))
    assert (tmp_path / MINUTE).read_bytes() == right
    assert written.is_changed is False


@pytest.mark.parametrize("resolution", NAMES)
def test_first_bars_and_other_bars_are_changes(tmp_path: Path, resolution: str) -> None:
    (first,) = write(tmp_path, delivery(0, resolution))
    assert (first.rows_before, first.is_changed) == (None, True)
    (second,) = write(tmp_path, delivery(0, resolution, price=50))
    assert (second.rows_before, second.is_changed) == (first.rows, True)
    assert second.kept_aside == ""


@pytest.mark.parametrize("resolution", NAMES)
def test_empty_answer_removes_no_bars(tmp_path: Path, resolution: str) -> None:
    write(tmp_path, delivery(0, resolution), delivery(1, resolution))
    before = files(tmp_path)
    (written,) = write(tmp_path, delivery(0, resolution, count=0))
    assert files(tmp_path) == before
    assert written.rows == written.rows_before == (1 if resolution == "daily" else 5)
    assert (written.is_changed, written.path, written.bytes_written) == (
        False,
        NAMES[resolution],
        0,
    )


@pytest.mark.parametrize("resolution", NAMES)
def test_session_without_trades_leaves_no_file(tmp_path: Path, resolution: str) -> None:
    (written,) = write(tmp_path, delivery(0, resolution, count=0))
    assert (written.rows, written.rows_before, written.path) == (0, None, "")
    assert written.is_changed is False
    assert files(tmp_path) == {}


def test_empty_session_beside_full_ones_keeps_its_old_row(tmp_path: Path) -> None:
    write(tmp_path, delivery(0, "daily"), delivery(1, "daily"))
    first, second, third = write(
        tmp_path,
        delivery(0, "daily", price=50),
        delivery(1, "daily", count=0),
        delivery(2, "daily"),
    )
    assert [row[:8] for row in rows(tmp_path / DAILY)] == ["20240102", "20240103", "20240104"]
    assert [w.is_changed for w in (first, second, third)] == [True, False, True]
    assert [w.rows_before for w in (first, second, third)] == [1, 1, None]
    assert [bool(w.bytes_written) for w in (first, second, third)] == [False, False, True]


def test_damaged_second_entry_costs_no_row_of_the_first(tmp_path: Path) -> None:
    (tmp_path / DAILY).parent.mkdir(parents=True)
    with zipfile.ZipFile(tmp_path / DAILY, "w") as archive:
        archive.writestr("spy.csv", "20231228 00:00,1,2,1,2,5")
        archive.writestr("more.csv", "MARK")
    data = (tmp_path / DAILY).read_bytes().replace(b"MARK", b"PARK", 1)
    (tmp_path / DAILY).write_bytes(data)
    write(tmp_path, delivery(0, "daily"))
    assert [row[:8] for row in rows(tmp_path / DAILY)] == ["20231228", "20240102"]


def test_lean_keeps_its_samples_byte_for_byte(tmp_path: Path, lean_data: Path) -> None:
    sample = lean_data / DAILY
    (tmp_path / DAILY).parent.mkdir(parents=True)
    (tmp_path / DAILY).write_bytes(sample.read_bytes())
    write(tmp_path, delivery(0, "daily"))
    old = [row for row in entry_text(sample).decode().split("\n") if row]
    kept = [row for row in rows(tmp_path / DAILY) if not row.startswith("20240102")]
    assert kept == [row for row in old if not row.startswith("20240102")]


WRITES = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3), st.integers(1, 3)), max_size=8)


@settings(max_examples=30, deadline=None)
@given(runs=st.lists(WRITES, min_size=1, max_size=3))
def test_file_holds_the_last_bars_of_every_session(runs: list[list[tuple[int, int, int]]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        expected: dict[int, Bars] = {}
        for run in runs:
            given = {n: delivery(n, "hour", count=c, price=p * 10) for n, c, p in run}
            for written, (n, one) in zip(
                write(folder, *given.values()), given.items(), strict=True
            ):
                before = expected.get(n, Bars.empty())
                if len(one.bars):
                    expected[n] = one.bars  # type: ignore[assignment]
                after = expected.get(n, Bars.empty())
                assert written.rows == len(after)
                assert written.rows_before == (len(before) or None)
                assert written.is_changed == (after != before)
        dates = [
            f"{SESSIONS[n].date:%Y%m%d}" for n in sorted(expected) for _ in range(len(expected[n]))
        ]
        found = [row[:8] for row in rows(folder / HOUR)] if expected else []
        assert found == dates


def test_confirmation_names_source_and_request(tmp_path: Path) -> None:
    (written,) = write(tmp_path, evolve(delivery(), source="polygon", request_id="abc"))
    assert (written.source, written.request_id) == ("polygon", "abc")


def test_damaged_file_gives_way_to_bars_and_is_kept(tmp_path: Path) -> None:
    old = put(tmp_path / MINUTE, "20240102_spy_minute_trade.csv", *["34200000,1,2,1,2"] * 9)
    (written,) = write(tmp_path, delivery(count=3))
    assert (written.rows_before, written.rows, written.is_changed) == (None, 3, True)
    assert (tmp_path / written.kept_aside).read_bytes() == old
    assert written.path == MINUTE
    assert written.bytes_written == (tmp_path / MINUTE).stat().st_size


@pytest.mark.parametrize("resolution", NAMES)
def test_damaged_file_without_new_bars_is_moved_aside(tmp_path: Path, resolution: str) -> None:
    path = tmp_path / NAMES[resolution]
    path.parent.mkdir(parents=True)
    path.write_bytes(b"noise")
    (written,) = write(tmp_path, delivery(resolution=resolution, count=0))
    assert not path.exists()
    assert (tmp_path / written.kept_aside).read_bytes() == b"noise"
    assert (written.rows, written.rows_before, written.path) == (0, None, NAMES[resolution])
