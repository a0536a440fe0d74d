"""All symbols there are: which, which not, and how a run of them looks."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

import leanfeed
from leanfeed import InvalidRequestError, SourceError, Symbol
from leanfeed.request import make_request
from leanfeed.values import SecurityType
from leanfeed_flatfiles.source import FlatFilesSource
from leanfeed_flatfiles.tickers import is_test, root_of, symbols_of
from tests.build import MemorySource
from tests.flatfiles.made_files import DAY, heard, row, write

NEXT = dt.date(2024, 6, 4)
WINDOW = {"start": str(DAY), "end": str(NEXT)}


def source(folder: Path, **settings: object) -> FlatFilesSource:
    return FlatFilesSource(local_folder=folder, **settings)


def publish(folder: Path, names: list[str], *dates: dt.date) -> None:
    for date in dates or (DAY, NEXT):
        rows = [row(name, "00:00", date=date) for name in names]
        write(folder, rows, date=date, kind="stocks_daily")
        write(folder, [row(name, date=date) for name in names], date=date)


def test_a_window_without_a_trading_day_lacks_nothing(tmp_path: Path) -> None:
    report = leanfeed.ensure(
        "*",
        resolution="minute",
        start="2024-06-08",
        end="2024-06-09",
        data_folder=tmp_path / "data",
        sources=[source(tmp_path)],
    )
    assert report.complete
    assert not report.series


def test_without_a_daily_file_it_says_what_it_was_wanted_for(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"Which symbols there are .*2024-06-03"):
        leanfeed.ensure(
            "*", resolution="minute", **WINDOW, data_folder=tmp_path, sources=[source(tmp_path)]
        )


@pytest.mark.parametrize(
    ("ticker", "expected"),
    [
        *((t, True) for t in ("ZVZZT", "ZXZZT", "NTEST", "NTEST.A", "CTEST.AB", "ZTEST", "ZXIET")),
        *((t, False) for t in ("ZZZ", "TEST", "NTESTS", "ZVZZTA", "A", "SPY", "CB", "PTESTX")),
    ],
)
def test_symbols_for_tests_of_machines(ticker: str, expected: bool) -> None:
    assert is_test(ticker) is expected


def test_which_tickers_are_symbols() -> None:
    tickers = ["B", "A", "AAp", "AAP", "NA", "NAN", "BRK.B", "ZVZZT", "TEST.frac", "A/B", "x", "é"]
    found, refused = symbols_of(tickers, SecurityType.EQUITY)
    assert [str(symbol) for symbol in found] == ["A", "B", "BRK.B", "NA", "NAN"]
    assert {one.why.split()[0]: one.tickers for one in refused} == {
        "LEAN": ("A/B", "TEST.frac", "x", "é"),
        "they": ("AAP", "AAp"),
    }


def test_which_roots_are_underlyings() -> None:
    roots = ["SPY", "SPX", "SPXW", "VIX", "BRKB", "AAPL1", "2SPY", "TOOLONGX"]
    found, refused = symbols_of(roots, SecurityType.OPTION)
    assert [str(symbol) for symbol in found] == ["BRK.B", "SPY"]
    assert {symbol.security_type for symbol in found} == {SecurityType.OPTION}
    assert not refused
    assert root_of("BRK.B") == "BRKB"


def test_the_tickers_of_all_days(tmp_path: Path) -> None:
    publish(tmp_path, ["A", "AAP", "AAp", "ZVZZT"], DAY)
    publish(tmp_path, ["A", "NEW", "b"], NEXT)
    request = make_request("*", resolution="minute", **WINDOW, may_be_all=True)
    with heard() as said:
        found = source(tmp_path).universe(request)
    assert found == [Symbol("A"), Symbol("NEW")]
    assert said == [
        "b left out: LEAN has no such symbols.",
        "AAP, AAp left out: they differ only by case, and LEAN's files have none.",
    ]


def test_a_day_that_is_not_there_is_passed_over(tmp_path: Path) -> None:
    publish(tmp_path, ["A"], NEXT)
    request = make_request("*", resolution="minute", **WINDOW, may_be_all=True)
    assert source(tmp_path).universe(request) == [Symbol("A")]
    with pytest.raises(SourceError, match="is not in"):
        source(tmp_path / "empty").universe(request)


def test_underlyings(tmp_path: Path) -> None:
    names = ["O:SPY240621C00500000", "O:SPXW240621C05000000", "O:QQQ1240621C00500000"]
    write(tmp_path, [row(name, "00:00") for name in names], kind="options_daily")
    request = leanfeed.Request(
        symbols=(),
        resolutions=("minute",),
        start=DAY,
        end=DAY,
        universe=SecurityType.OPTION,
    )
    days = [DAY]
    from leanfeed_flatfiles.local_files import LocalFiles
    from leanfeed_flatfiles.universe import universe

    assert request.universe
    found = universe(request.universe, days, LocalFiles(tmp_path), source="flatfiles")
    assert found == [Symbol("SPY", SecurityType.OPTION)]


def test_a_run_of_everything(tmp_path: Path) -> None:
    publish(tmp_path, ["A", "AAP", "AAp", "B", "ZVZZT"])
    asked = {"resolution": ["minute", "daily"], **WINDOW, "data_folder": tmp_path / "data"}
    chain = [MemorySource(), source(tmp_path)]
    planned = leanfeed.plan("*", sources=chain, **asked)
    assert planned.missing == 8
    report = leanfeed.ensure("*", sources=[source(tmp_path)], **asked)
    assert report.complete
    assert report.written_sessions == 8
    assert "they differ only by case" in str(report)
    assert report.to_dict()["warnings"] == list(report.warnings)
    assert len(report.warnings) == 1
    found = sorted(p.relative_to(tmp_path / "data") for p in (tmp_path / "data").rglob("*.zip"))
    assert [p.as_posix() for p in found] == [
        "equity/usa/daily/a.zip",
        "equity/usa/daily/b.zip",
        "equity/usa/minute/a/20240603_trade.zip",
        "equity/usa/minute/a/20240604_trade.zip",
        "equity/usa/minute/b/20240603_trade.zip",
        "equity/usa/minute/b/20240604_trade.zip",
    ]
    again = leanfeed.ensure(["*"], sources=[source(tmp_path)], **asked)
    assert (again.cache_hits, again.written_sessions) == (8, 0)
    assert str(planned.request).startswith("* --resolution minute,daily --start 2024-06-03")


def test_many_symbols_are_a_short_text(tmp_path: Path) -> None:
    names = [f"A{a}{b}{c}" for a in "ABCDEFGH" for b in "ABCDEFGH" for c in "ABCDEFGHIJ"]
    publish(tmp_path, names, DAY)
    asked = {"resolution": "minute", "start": str(DAY), "end": str(DAY)}
    asked |= {"data_folder": tmp_path / "data", "sources": [source(tmp_path)]}
    assert len(str(leanfeed.plan("*", **asked)).splitlines()) < 10
    assert len(str(leanfeed.ensure("*", **asked)).splitlines()) < 10


def test_who_cannot_know_them(tmp_path: Path) -> None:
    asked = {"resolution": "minute", **WINDOW, "data_folder": tmp_path / "data"}
    with pytest.raises(InvalidRequestError, match="No source of the chain knows"):
        leanfeed.ensure("*", sources=[MemorySource()], **asked)
    with pytest.raises(InvalidRequestError, match="give it alone"):
        leanfeed.ensure("*,SPY", sources=[source(tmp_path)], **asked)
    for ask in (leanfeed.load, leanfeed.coverage):
        with pytest.raises(InvalidRequestError, match="is not a ticker"):
            ask("*", resolution="minute", data_folder=tmp_path)
    with pytest.raises(SourceError, match="is not in"):
        leanfeed.ensure("*", sources=[source(tmp_path)], **asked)
