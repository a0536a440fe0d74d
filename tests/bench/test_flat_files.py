"""The race with flat files: all of it in small, and its page."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from benchmarks import flat_files, flat_tables
from benchmarks.flat_market import KINDS, tickers, write_flat_file
from leanfeed.kernel.tables import Names
from leanfeed_flatfiles.header import TRADED_COLUMNS
from leanfeed_flatfiles.tables import read_table


@pytest.mark.parametrize("kind", KINDS)
def test_files_are_as_the_provider_writes_them(tmp_path: Path, kind: str) -> None:
    path, again = tmp_path / "a.csv.gz", tmp_path / "b.csv.gz"
    for target in (path, again):
        write_flat_file(target, kind, flat_files.DATE, names=40, rows=600)
    assert path.read_bytes() == again.read_bytes()
    table = read_table(path, TRADED_COLUMNS, Names.of(None), name="file")
    names = [name for name, _ in table.runs]
    assert len(names) == 40
    assert names == sorted(names)
    assert table.rows == 40 if kind.endswith("daily") else 300 < table.rows < 900
    first = gzip.decompress(path.read_bytes()).split(b"\n")[1].split(b",")
    assert len(first[6]) == 19


def test_there_are_tickers_that_readers_stumble_over() -> None:
    assert {"NA", "NAN", "NULL", "TRUE"} <= {*tickers(50)}
    assert len({ticker.lower() for ticker in tickers(2_000)}) == 2_000


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_whole_race(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flat_files, "FEW", 10)
    results = flat_files.measure((30, 500), laps=1)
    assert {*results["whole"]} == {*results["part"]["laps"]} == {*results["titles"]}
    page = tmp_path / "page.md"
    page.write_text(f"before\n{flat_tables.MARKERS[0]}\nold\n{flat_tables.MARKERS[1]}\nafter\n")
    monkeypatch.setattr(flat_tables, "PAGE", page)
    flat_tables.write_page(results)
    text = page.read_text()
    assert text.startswith("before\n")
    assert text.endswith("\nafter\n")
    assert "old" not in text
    assert "| script" not in text
    assert text.count("| leanfeed") == 4
