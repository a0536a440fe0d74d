"""Rows come out of a flat file as the csv module reads them, with the kernel and without."""

from __future__ import annotations

import csv
import gzip
import io
import random
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, strategies as st

from leanfeed.errors import ContractError
from leanfeed.kernel import tables
from leanfeed.kernel.tables import NAME, PASSED_OVER, TIME, Names
from leanfeed_flatfiles import inflating
from leanfeed_flatfiles.header import COLUMNS, TRADED_COLUMNS
from leanfeed_flatfiles.tables import read_table
from tests.flatfiles.made_files import HEADER, row
from tests.kernel.conftest import BothRoads

tickers = st.sampled_from(
    ["A", "AA", "AAp", "AAP", "NA", "NAN", "nan", "BRK.B", "TRUE", "1", "O:SPY240621C00500000", "é"]
)
numbers = st.one_of(
    st.integers(0, 10**9).map(str),
    st.decimals(0, 10**6, places=4).map(str),
    st.floats(0, 1e12).map(repr),
    st.sampled_from(["9099.618093", "007", "1e3", "-0", "1.5E+2", "12345678901234567890"]),
)
stamps = st.integers(-(2**63), 2**63 - 1).map(str)
rows = st.tuples(tickers, *[numbers] * 5, stamps, numbers)


def written(folder: Path, text: bytes) -> Path:
    path = folder / "file.csv.gz"
    path.write_bytes(gzip.compress(text, 1))
    return path


def read(path: Path, wanted: list[str] | None = None, **named: int) -> list[tuple[object, ...]]:
    """Every row that is wanted, as a tuple: ticker, time, numbers."""
    names = Names.of(None if wanted is None else [name.encode() for name in wanted], **named)
    table = read_table(path, TRADED_COLUMNS, names, name="the file")
    names_of_rows = [name.decode() for name, count in table.runs for _ in range(count)]
    numbers = [column.tolist() for column in table.columns]
    return [*zip(names_of_rows, table.times.tolist(), *numbers, strict=True)]


def by_csv(text: str, wanted: list[str] | None = None) -> list[tuple[object, ...]]:
    found = csv.DictReader(io.StringIO(text, newline=""))
    return [
        (r["ticker"], int(r["window_start"]), *(float(r[name]) for name in TRADED_COLUMNS))
        for r in found
        if wanted is None or r["ticker"] in wanted
    ]


@given(
    st.lists(rows, min_size=1, max_size=30),
    st.permutations([*HEADER.split(","), "otc", "dollar_volume"]),
    st.one_of(st.none(), st.lists(tickers)),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
)
@example([("A", *["1"] * 5, "0", "1")], HEADER.split(","), [], "\n", False)
def test_any_table(
    both_roads: BothRoads,
    table: list[tuple[str, ...]],
    order: list[str],
    wanted: list[str] | None,
    line_end: str,
    is_quoted: bool,
) -> None:
    usual = dict(zip(HEADER.split(","), range(8), strict=True))
    out = io.StringIO(newline="")
    quoting = csv.QUOTE_ALL if is_quoted else csv.QUOTE_MINIMAL
    writer = csv.writer(out, lineterminator=line_end, quoting=quoting)
    writer.writerow(order)
    for cells in table:
        writer.writerow([cells[usual[name]] if name in usual else "x" for name in order])
    text = out.getvalue()
    with tempfile.TemporaryDirectory() as folder:
        path = written(Path(folder), text.encode())
        fast, slow = both_roads(lambda: read(path, wanted))
    assert fast == slow == by_csv(text, wanted)


def test_any_damage(both_roads: BothRoads, tmp_path: Path) -> None:
    """Bytes that are changed, dropped or doubled, anywhere: both roads say the same."""
    chance = random.Random(3)
    whole = "\n".join(
        [HEADER, row("AA"), row("AA", "09:31"), row("AAp"), row("B", price=1.2345), ""]
    )
    errors = 0
    for _ in range(1500):
        text = bytearray(whole.encode())
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(HEADER) + 1, len(text))
            match chance.randrange(3):
                case 0:
                    text[at] = chance.choice(b'",.-+eE0123456789 \n\r\x00\xffAp')
                case 1:
                    del text[at : at + chance.randint(1, 20)]
                case 2:
                    text[at:at] = text[at : at + chance.randint(1, 20)]
        path = written(tmp_path, bytes(text))
        for wanted in (None, ["AA", "B"]):
            fast, slow = both_roads(lambda wanted=wanted, path=path: read(path, wanted))
            assert fast == slow, text
            errors += isinstance(fast, tuple)
    assert 100 < errors < 2900


def test_the_kernel_does_what_is_usual(both_roads: BothRoads) -> None:
    """Else the tests above would compare Python with itself."""
    fields = (NAME, 0, PASSED_OVER, TIME)
    text = b"A,1.5,x,7\nA,2,,8\nB,3,x,9\nC,4,x,10\nC,5,x,odd\n"
    found = tables.read_lines(text, fields, Names.of([b"A", b"C"]))
    assert found is not None
    assert text[found.end :] == b"C,5,x,odd\n"
    assert found.runs == ((b"A", 2), (b"C", 1))
    assert found.times.tolist() == [7, 8, 10]
    assert found.columns[0].tolist() == [1.5, 2, 4]
    assert found.passed_over == 1
    last = tables.read_lines(text, fields, Names.of(None), start=found.end)
    assert last is not None
    assert (last.end, last.runs) == (0, ())


def test_names_are_looked_up_without_what_stands_around_them(
    both_roads: BothRoads,
    tmp_path: Path,
) -> None:
    names = ["O:SPY240621C00500000", "O:SPYX240621C00500000", "O:X", "O:SPY240621P00500000"]
    path = written(tmp_path, "\n".join([HEADER, *map(row, names)]).encode())
    for found in both_roads(lambda: read(path, ["SPY"], head=2, tail=15)):
        assert isinstance(found, list)
        assert [one[0] for one in found] == [names[0], names[3]]


def test_pieces_cut_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """However the file is cut on its way, rows, runs and line numbers are the same."""
    lines = [row(name, f"{9 + i // 60:02}:{i % 60:02}") for name in "ABC" for i in range(90)]
    path = written(tmp_path, "\n".join([HEADER, *lines]).encode())
    whole = read(path)
    monkeypatch.setattr(inflating, "_READ", 7)
    assert read(path) == whole == by_csv("\n".join([HEADER, *lines]))
    table = read_table(path, TRADED_COLUMNS, Names.of(None), name="the file")
    assert table.runs == ((b"A", 90), (b"B", 90), (b"C", 90))
    assert table.rows == 270
    odd = [*lines]
    odd[200] = "B,many,1,1,1,1,1,1"
    with pytest.raises(ContractError, match="line 202"):
        read(written(tmp_path, "\n".join([HEADER, *odd]).encode()))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "cut short"),
        (gzip.compress(b""), "line 1: the header lacks ticker, window_start"),
        (gzip.compress(HEADER.encode()), "has no rows"),
        (gzip.compress(f"{HEADER}\n".encode()), "has no rows"),
        (gzip.compress(f"{HEADER}\n{row('A')}\n".encode())[:-9], "cut short"),
        (gzip.compress(f"{HEADER}\n{row('A')}\n".encode())[:-1], "cut short"),
        (gzip.compress(f"{HEADER}\n{row('A')}\n".encode())[:-8] + b"\0" * 8, "damaged"),
        (f"{HEADER}\n{row('A')}\n".encode(), "damaged"),
        (b"<html>no such key</html>", "damaged"),
        (gzip.compress(f"{HEADER},open\n{row('A')},1\n".encode()), "lacks open, or has it twice"),
        (gzip.compress(b"ticker,o,c,h,l,t\nA,1,1,1,1,1\n"), "line 1: the header lacks"),
        (gzip.compress(f"{HEADER}\n{row('A')}\nA,1,1\n".encode()), "line 3"),
        (gzip.compress(f"{HEADER}\n{row('A')}\n{row('A')},1\n".encode()), "line 3"),
        (gzip.compress(f"{HEADER}\n\n{row('A')}\n".encode()), "line 2"),
        (gzip.compress(f"{HEADER}\n{row('A').replace('100.25', '')}\n".encode()), "line 2"),
        (gzip.compress(f"{HEADER}\n{row('A', 2**63)}\n".encode()), "line 2"),
        (gzip.compress(f"{HEADER}\n".encode() + b"A" * 200_000), "no lines"),
    ],
)
def test_what_is_no_flat_file(
    both_roads: BothRoads, tmp_path: Path, text: bytes, said: str
) -> None:
    path = tmp_path / "file.csv.gz"
    path.write_bytes(text)
    fast, slow = both_roads(lambda: read(path))
    assert fast == slow
    assert isinstance(fast, tuple)
    assert fast[0] is ContractError
    assert said in str(fast[1])
    assert str(fast[1]).startswith("the file")


def test_gzip_of_several_members_and_padding(tmp_path: Path) -> None:
    path = tmp_path / "file.csv.gz"
    first, second = (f"{HEADER}\n{row('A')[:20]}", f"{row('A')[20:]}\n{row('B')}")
    path.write_bytes(gzip.compress(first.encode()) + gzip.compress(second.encode()) + b"\0" * 512)
    assert [one[0] for one in read(path)] == ["A", "B"]


def test_a_byte_order_mark_and_capitals_in_the_header(tmp_path: Path) -> None:
    text = f"\ufeff{HEADER.upper()}\n{row('A')}".encode()
    assert len(read(written(tmp_path, text))) == 1


def test_indices_have_no_volume(tmp_path: Path) -> None:
    path = written(tmp_path, b"ticker,open,close,high,low,window_start\nI:SPX,1,2,3,0.5,6\n")
    table = read_table(path, COLUMNS, Names.of([b"SPX"], head=2), name="the file")
    assert np.array(table.columns).tolist() == [[1], [3], [0.5], [2]]
