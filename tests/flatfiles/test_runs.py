"""Whole runs from flat files: what is on disk afterwards, whatever happens meanwhile."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

import leanfeed
from leanfeed.lean.zips import entries
from leanfeed_flatfiles.source import FlatFilesSource
from tests.flatfiles.made_files import DAY, row, stamp, write

NEXT = dt.date(2024, 6, 4)
MANY = [f"A{a}{b}{c}" for a in "ABCDEFGH" for b in "ABCDEFGH" for c in "ABCDEFGH"]
PROGRAM = """
import sys, leanfeed
report = leanfeed.ensure(
    "*", resolution="minute", start="2024-06-03", end="2024-06-03",
    data_folder=sys.argv[2], sources="flatfiles",
)
print(report.written_sessions, report.complete)
"""


def ensure(folder: Path, symbols: str | list[str], **asked: object) -> leanfeed.Report:
    asked = {"resolution": "minute", "start": str(DAY), "end": str(DAY)} | asked
    return leanfeed.ensure(
        symbols,
        data_folder=folder / "data",
        sources=[FlatFilesSource(local_folder=folder)],
        **asked,
    )


def texts(folder: Path) -> dict[str, bytes]:
    """Each file below the data folder, with its only text."""
    data = folder / "data"
    found = {p.relative_to(data).as_posix(): entries(p) for p in sorted(data.rglob("*.zip"))}
    return {name: text for name, inside in found.items() for text in inside.values()}


def publish(folder: Path, names: Iterable[str], minutes: int = 3) -> None:
    names = sorted(names)
    write(folder, [row(name, "00:00") for name in names], kind="stocks_daily")
    at = [stamp("09:30") + i * 60_000_000_000 for i in range(minutes)]
    write(folder, [row(name, t, price=1 + i) for i, name in enumerate(names) for t in at])


def test_every_defect_in_one_file(tmp_path: Path) -> None:
    """A small file with all that real ones have, to the last byte of what is written of it."""
    write(
        tmp_path,
        [
            row("AA", "04:00", price=10.1234, volume=9099.618093),
            row("AA", "09:30", price=10.5),
            row("AA", "20:00", price=99),
            row("AAp", "09:30", price=50),
            row("BAD", "09:30", price=7, volume=-1),
            row("NA", "09:31", price=1.0001, volume=1),
            row("NA", "09:32", price=3, volume=0, transactions=0),
            row("NAN", stamp("09:30", NEXT)),
            row("ZVZZT", "09:30", price=5),
            row("AA", "09:29", price=10.25),
            row("AA", "09:30", price=10.5),
        ],
    )
    names = ["AA", "AAp", "BAD", "NA", "NAN", "QUIET"]
    report = ensure(tmp_path, names)
    assert texts(tmp_path) == {
        "equity/usa/minute/aa/20240603_trade.zip": b"14400000,101234,106234,96234,103734,"
        b"9099.618093\n34140000,102500,107500,97500,105000,100\n34200000,105000,110000,100000,107500,100",
        "equity/usa/minute/aap/20240603_trade.zip": b"34200000,500000,505000,495000,502500,100",
        "equity/usa/minute/na/20240603_trade.zip": b"34260000,10001,15001,5001,12501,1",
    }
    outcomes = {str(s.series.symbol): s for s in report.series}
    assert {ticker for ticker, s in outcomes.items() if s.missing} == {"BAD", "NAN"}
    assert outcomes["QUIET"].no_trades
    (failure,) = report.failures
    assert "BAD not used: the bar of 2024-06-03 13:30Z has a volume" in failure.message
    assert "NAN not used: all its rows are of other dates" in failure.message
    assert [w.partition(".csv.gz: ")[2] for w in report.warnings] == [
        "1 row of other dates left out."
    ]


def test_regular_hours_only(tmp_path: Path) -> None:
    write(tmp_path, [row("A", at) for at in ("09:29", "09:30", "15:59", "16:00")])
    ensure(tmp_path, "A", session="regular")
    (text,) = texts(tmp_path).values()
    assert [line.split(b",")[0] for line in text.split(b"\n")] == [b"34200000", b"57540000"]


def test_chains_of_a_day(tmp_path: Path) -> None:
    rows = [row(f"O:{name}", price=2) for name in ("A240621C00010000", "A240621P00010500")]
    write(tmp_path, rows, kind="options_minute")
    symbol = leanfeed.Symbol("A", leanfeed.SecurityType.OPTION)
    report = ensure(tmp_path, [symbol])
    assert report.complete
    path = tmp_path / "data/option/usa/minute/a/20240603_trade_american.zip"
    assert entries(path) == {
        f"20240603_a_minute_trade_american_{contract}_20240621.csv": b"34200000,20000,25000,15000,"
        b"22500,100\n"
        for contract in ("call_100000", "put_105000")
    }


def test_what_is_not_in_the_file_is_asked_of_the_next_source(tmp_path: Path) -> None:
    publish(tmp_path, ["A"])
    from tests.build import MemorySource

    other = MemorySource()
    leanfeed.ensure(
        "A",
        resolution="minute",
        start=str(DAY),
        end=str(NEXT),
        data_folder=tmp_path / "data",
        sources=[FlatFilesSource(local_folder=tmp_path), other],
    )
    assert other.asked_sessions == ["2024-06-04"]


def run(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, "", str(folder / "data")],
        env={"PATH": "", "HOME": str(folder), "LEANFEED_FLATFILES_LOCAL_FOLDER": str(folder)},
        cwd=folder,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.slow
def test_killed_in_the_middle_of_a_day(tmp_path: Path) -> None:
    publish(tmp_path, MANY)
    first = run(tmp_path)
    minutes = tmp_path / "data/equity/usa/minute"
    deadline = time.monotonic() + 60
    while len(list(minutes.glob("*/*.zip"))) <= 20:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    first.kill()
    first.communicate()
    there = texts(tmp_path)
    assert 0 < len(there) < len(MANY)
    report = ensure(tmp_path, "*")
    assert report.complete
    found = texts(tmp_path)
    assert len(found) == len(MANY)
    assert {name: found[name] for name in there} == there
    assert not [
        p for p in (tmp_path / "data/equity").rglob("*") if p.is_file() and p.suffix != ".zip"
    ]


@pytest.mark.slow
def test_two_at_once(tmp_path: Path) -> None:
    publish(tmp_path, MANY[:200])
    both = [run(tmp_path) for _ in range(2)]
    told = [process.communicate(timeout=100)[0].split() for process in both]
    assert [complete for _, complete in told] == ["True", "True"]
    assert sum(int(written) for written, _ in told) == 200
    assert len(texts(tmp_path)) == 200


def test_several_threads(tmp_path: Path) -> None:
    publish(tmp_path, MANY[:30])
    reports: list[leanfeed.Report] = []
    threads = [
        threading.Thread(target=lambda: reports.append(ensure(tmp_path, "*"))) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [report.complete for report in reports] == [True] * 3
    assert sum(report.written_sessions for report in reports) == 30


MEASURE = """
import sys
from pathlib import Path
from benchmarks.worker import peak_megabytes
from leanfeed.kernel.tables import Names
from leanfeed_flatfiles.header import TRADED_COLUMNS
from leanfeed_flatfiles.tables import read_table
from leanfeed_flatfiles.market_day import market_day
import datetime as dt
path, *wanted = sys.argv[1:]
names = Names.of([w.encode() for w in wanted] or None)
table = read_table(Path(path), TRADED_COLUMNS, names, name="file")
day = market_day(table, dt.date(2024, 6, 3), name="file", is_daily=False, hours=(0, 2**62))
print(len(day.bars), peak_megabytes())
"""


@pytest.mark.slow
@pytest.mark.parametrize(("wanted", "rows", "most"), [([], 1_500_000, 400), (["T00007"], 150, 90)])
def test_memory_of_a_full_day(tmp_path: Path, wanted: list[str], rows: int, most: float) -> None:
    minutes = [stamp("09:30") + i * 60_000_000_000 for i in range(150)]
    tails = [f",{100 + i},10.{i:03},10.5,11,9.5,{at},3" for i, at in enumerate(minutes)]
    path = write(tmp_path, (f"T{n:05}{tail}" for n in range(10_000) for tail in tails))
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path), *wanted],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    found, peak = done.stdout.split()
    assert int(found) == rows
    assert float(peak) < most
