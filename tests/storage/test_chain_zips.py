"""The zips of options: whole chains in a session's zip, sessions merged into a year's."""

from __future__ import annotations

import multiprocessing
import os
import zipfile
from contextlib import nullcontext
from pathlib import Path

import pytest
from attrs import evolve

from leanfeed.default_plugins import merge_loop
from leanfeed.lean.many_zip import packed_entries
from tests.storage.build_chains import (
    MINUTE,
    YEAR,
    YEAR_BEFORE,
    chain,
    name,
    put_texts,
    texts,
)
from tests.storage.build_zips import files, quarantined, temporaries, write

FIRST, SECOND = 2, 3  # of 2024
STRANGER = "aapl_trade_american_put_900000_20240119.csv"
OLD = {
    name(100): "20240103 00:00,1,2,1,2,5\n20240119 00:00,1,2,1,2,5",
    STRANGER: "20240102 00:00,7,7,7,7,7\n20240130 00:00,8,8,8,8,8",
    "readme.txt": "hello",
}


def row(day: str, price: int = 50000) -> str:
    return f"{day} 00:00,{price},{price + 5000},{price - 5000},{price + 2500},100"


def test_a_session_is_written_as_lean_writes_it(tmp_path: Path) -> None:
    (written,) = write(tmp_path, chain(strikes=(110, 92.5)))
    assert (written.path, written.rows, written.rows_before) == (MINUTE, 6, None)
    found = texts(tmp_path / MINUTE)
    start = "20231228_aapl_minute_trade_american_call"
    assert list(found) == [f"{start}_1100000_20240315.csv", f"{start}_925000_20240315.csv"]
    assert found[f"{start}_925000_20240315.csv"] == (
        "34200000,50000,55000,45000,52500,100\n"
        "34260000,50100,55100,45100,52600,101\n"
        "34320000,50200,55200,45200,52700,102\n"
    )


def test_the_same_chain_in_another_order_gives_the_same_bytes(tmp_path: Path) -> None:
    for folder, strikes in (("a", (100, 110)), ("b", (110, 100))):
        write(tmp_path / folder, *(chain(n, "minute", strikes=strikes) for n in range(3)))
        write(tmp_path / folder, *(chain(n, "daily", strikes=strikes) for n in range(3)))
    assert files(tmp_path / "a") == files(tmp_path / "b")


@pytest.mark.parametrize("resolution", ["minute", "daily", "hour", "second"])
def test_the_same_bars_are_not_written_again(tmp_path: Path, resolution: str) -> None:
    (first,) = write(tmp_path, chain(0, resolution))
    path = tmp_path / first.path
    before = (path.read_bytes(), path.stat().st_ino)
    (written,) = write(tmp_path, chain(0, resolution))
    assert (path.read_bytes(), path.stat().st_ino) == before
    assert (written.is_changed, written.bytes_written) == (False, 0)
    assert written.rows == written.rows_before == first.rows > 0


@pytest.mark.parametrize(
    ("strikes", "count", "is_kept"),
    [((100, 110, 120), 3, False), ((100, 120), 9, True), ((100, 110), 2, True)],
    ids=["more", "a contract lost", "bars lost"],
)
def test_a_chain_that_loses_something_is_kept_aside(
    tmp_path: Path, strikes: tuple[float, ...], count: int, *, is_kept: bool
) -> None:
    write(tmp_path, chain())
    old = (tmp_path / MINUTE).read_bytes()
    (written,) = write(tmp_path, chain(strikes=strikes, count=count))
    assert (written.rows_before, written.rows) == (6, len(strikes) * count)
    assert quarantined(tmp_path) == ([old] if is_kept else [])
    assert bool(written.kept_aside) is is_kept


def test_a_chain_spelt_otherwise_is_no_change_but_mended(tmp_path: Path) -> None:
    write(tmp_path, chain())
    right = texts(tmp_path / MINUTE)
    odd = {n: text.replace("50000", "50000.0").replace("\n", "\r\n") for n, text in right.items()}
    put_texts(tmp_path / MINUTE, odd)
    (written,) = write(tmp_path, chain())
    assert (written.is_changed, written.rows_before, written.kept_aside) == (False, 6, "")
    assert texts(tmp_path / MINUTE) == right


@pytest.mark.parametrize("damage", ["cut", "line", "empty"])
def test_what_is_damaged_is_kept_aside(tmp_path: Path, damage: str) -> None:
    write(tmp_path, chain())
    right = texts(tmp_path / MINUTE)
    first = next(iter(right))
    wrong = {"line": right | {first: "1,2"}, "empty": right | {first: ""}}
    old = put_texts(tmp_path / MINUTE, wrong.get(damage, right))
    if damage == "cut":
        old = old[:-3]
        (tmp_path / MINUTE).write_bytes(old)
    (written,) = write(tmp_path, chain())
    assert quarantined(tmp_path) == [old]
    assert texts(tmp_path / MINUTE) == right
    assert written.rows_before is None


def test_what_lean_never_asks_for_stays_or_is_kept_aside(tmp_path: Path) -> None:
    write(tmp_path, chain())
    old = put_texts(tmp_path / MINUTE, texts(tmp_path / MINUTE) | {"x.csv": "1"})
    (same,) = write(tmp_path, chain())
    assert (same.is_changed, (tmp_path / MINUTE).read_bytes()) == (False, old)
    (other,) = write(tmp_path, chain(price=7))
    assert (other.is_changed, other.rows_before) == (True, 6)
    assert quarantined(tmp_path) == [old]


def test_an_empty_answer_removes_no_bars(tmp_path: Path) -> None:
    write(tmp_path, chain(), chain(FIRST, "daily"))
    before = files(tmp_path)
    one, two, none = write(
        tmp_path,
        chain(strikes=()),
        chain(FIRST, "daily", strikes=()),
        chain(SECOND, "daily", strikes=()),
    )
    assert files(tmp_path) == before
    assert (one.rows, two.rows, two.rows_before) == (6, 2, 2)
    assert (none.rows, none.path, none.size) == (0, "", 0)


def test_an_empty_answer_removes_a_damaged_file(tmp_path: Path) -> None:
    for path, one in ((MINUTE, chain(strikes=())), (YEAR, chain(FIRST, "daily", strikes=()))):
        put_texts(tmp_path / path, {"x": ""})
        (tmp_path / path).write_bytes(b"no zip")
        (written,) = write(tmp_path, one)
        assert (written.rows, bool(written.kept_aside)) == (0, True)
    assert files(tmp_path) == {}
    assert quarantined(tmp_path) == [b"no zip"] * 2


def test_sessions_are_merged_year_by_year(tmp_path: Path) -> None:
    written = write(tmp_path, *(chain(n, "daily") for n in range(4)))
    assert [w.path for w in written] == [YEAR_BEFORE] * 2 + [YEAR] * 2
    assert [w.rows for w in written] == [2] * 4
    assert texts(tmp_path / YEAR) == {
        name(strike): f"{row('20240102')}\n{row('20240103')}" for strike in (100, 110)
    }
    assert texts(tmp_path / YEAR_BEFORE) == {
        name(strike): f"{row('20231228')}\n{row('20231229')}" for strike in (100, 110)
    }


def test_what_is_there_stays_byte_for_byte(tmp_path: Path) -> None:
    put_texts(tmp_path / YEAR, OLD)
    before = packed_entries(tmp_path / YEAR)
    first, second = write(tmp_path, chain(SECOND, "daily"), chain(4, "daily"))
    assert (first.rows_before, first.rows, second.rows_before) == (1, 2, None)
    found = packed_entries(tmp_path / YEAR)
    assert list(found) == sorted([*OLD, name(110)])
    for untouched in (STRANGER, "readme.txt"):
        assert found[untouched] == before[untouched]  # also as it was compressed
    rows = [row("20240103"), row("20240104")]
    assert texts(tmp_path / YEAR)[name(110)] == "\n".join(rows)
    assert texts(tmp_path / YEAR)[name(100)] == "\n".join([*rows, "20240119 00:00,1,2,1,2,5"])
    assert quarantined(tmp_path) == []


def test_a_contract_without_bars_in_a_new_session_loses_those_it_had(tmp_path: Path) -> None:
    write(tmp_path, chain(FIRST, "daily", strikes=(90,)), chain(SECOND, "daily"))
    old = (tmp_path / YEAR).read_bytes()
    (written,) = write(tmp_path, chain(FIRST, "daily", strikes=(110, 120)))
    assert (written.rows_before, written.rows, written.is_changed) == (1, 2, True)
    found = texts(tmp_path / YEAR)
    assert name(90) not in found
    assert found[name(110)].split("\n") == [row("20240102"), row("20240103")]
    assert found[name(100)] == row("20240103")
    assert quarantined(tmp_path) == []
    (written,) = write(tmp_path, chain(FIRST, "daily", strikes=(110,)))
    assert (written.rows_before, written.rows, bool(written.kept_aside)) == (2, 1, True)
    assert quarantined(tmp_path) != [old]


def test_of_a_damaged_year_the_sound_rows_stay(tmp_path: Path) -> None:
    old = put_texts(
        tmp_path / YEAR,
        {**OLD, name(100): OLD[name(100)] + "\n1,2", name(130): "1E5", name(140): ""},
    )
    (written,) = write(tmp_path, chain(FIRST, "daily"))
    assert bool(written.kept_aside)
    assert quarantined(tmp_path) == [old]
    found = texts(tmp_path / YEAR)
    assert found[name(100)] == f"{row('20240102')}\n{OLD[name(100)]}"
    assert found[STRANGER] == "20240130 00:00,8,8,8,8,8"
    assert not found.keys() & {name(130), name(140)}


def test_an_altered_entry_goes_and_the_others_stay(tmp_path: Path) -> None:
    data = bytearray(put_texts(tmp_path / YEAR, OLD, compression=zipfile.ZIP_STORED))
    data[data.index(b"20240103 00:00,1")] ^= 1
    (tmp_path / YEAR).write_bytes(data)
    write(tmp_path, chain(FIRST, "daily"))
    assert texts(tmp_path / YEAR)[name(100)] == row("20240102")
    assert texts(tmp_path / YEAR)[STRANGER] == "20240130 00:00,8,8,8,8,8"
    assert quarantined(tmp_path) == [bytes(data)]


def test_a_condemned_year_is_kept_once(tmp_path: Path) -> None:
    old = put_texts(tmp_path / YEAR, OLD)
    deliveries = [evolve(chain(n, "daily"), replaces_damaged=True) for n in (FIRST, SECOND)]
    first, second = write(tmp_path, *deliveries)
    assert (first.kept_aside, bool(second.kept_aside)) == ("", True)
    assert quarantined(tmp_path) == [old]


def merge_some(folder: Path, numbers: list[int]) -> None:
    for number in numbers:
        write(folder, chain(number, "daily", strikes=(100, 100 + number)), durability="fast")


@pytest.mark.skipif(os.name == "nt", reason="no fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
@pytest.mark.parametrize("locks", ["honest", "lying"])
def test_processes_that_merge_at_once_lose_nothing(
    tmp_path: Path, locks: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if locks == "lying":
        monkeypatch.setattr(merge_loop, "locked", lambda *_: nullcontext())
    context = multiprocessing.get_context("fork")
    shares = [list(range(FIRST + start, FIRST + 16, 4)) for start in range(4)]
    workers = [context.Process(target=merge_some, args=(tmp_path, share)) for share in shares]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0] * 4
    found = texts(tmp_path / YEAR)
    assert len(found[name(100)].split("\n")) == 16
    assert len(found) == 17
    assert temporaries(tmp_path) == []
