"""Two data folders, row for row."""

from __future__ import annotations

import tempfile
from pathlib import Path, PurePosixPath

from hypothesis import given, settings, strategies as st

from leanfeed.bench.comparison import Comparison, compare
from leanfeed.lean.zips import zip_bytes

FILE = PurePosixPath("equity/usa/minute/spy/20240702_trade.zip")
ROWS = st.lists(st.tuples(st.integers(0, 12), st.integers(1, 2)), max_size=6)


def store(folder: Path, rows: list[tuple[int, int]], file: PurePosixPath = FILE) -> Path:
    path = folder / file
    path.parent.mkdir(parents=True)
    text = "".join(f"{time},{price},1,1,1,1\n" for time, price in rows)
    path.write_bytes(zip_bytes("any.csv", text.encode()))
    return folder


def compared(
    native: list[tuple[int, int]], cli: list[tuple[int, int]]
) -> tuple[Comparison, Comparison]:
    """What is found, and what is found the other way round."""
    with tempfile.TemporaryDirectory() as folder:
        left, right = store(Path(folder, "a"), native), store(Path(folder, "b"), cli)
        return compare(left, right, [FILE]), compare(right, left, [FILE])


@settings(max_examples=40)
@given(ROWS, ROWS)
def test_equal_is_that_every_row_is_the_same(
    native: list[tuple[int, int]], cli: list[tuple[int, int]]
) -> None:
    native, cli = sorted(native), sorted(cli)
    found, turned = compared(native, cli)
    assert found.is_equal is (native == cli != [])
    assert found.equal + found.different + found.only_native == len(native)
    assert found.equal + found.different + found.only_cli == len(cli)
    assert turned.only_cli == found.only_native


def test_says_what_the_first_difference_is() -> None:
    found, _ = compared([(9, 1), (10, 1), (11, 1)], [(9, 1), (10, 2), (12, 1)])
    assert (found.equal, found.different, found.only_native, found.only_cli) == (1, 1, 1, 1)
    assert found.first_difference == f"{FILE}: native 10,1,1,1,1,1, cli 10,2,1,1,1,1"


def test_a_file_that_one_lacks_has_no_rows(tmp_path: Path) -> None:
    found = compare(store(tmp_path / "a", [(1, 1)]), tmp_path / "b", [FILE])
    assert not found.is_equal
    assert found.only_native == 1
    assert found.first_difference == f"{FILE}: native 1,1,1,1,1,1, cli nothing"


def test_nothing_is_not_the_same_as_nothing(tmp_path: Path) -> None:
    assert not compare(tmp_path, tmp_path, []).is_equal
    assert not compare(tmp_path, tmp_path, [FILE]).is_equal
