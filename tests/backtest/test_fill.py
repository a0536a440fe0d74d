"""Exactly what LEAN did not find is fetched, in one run."""

from __future__ import annotations

import datetime as dt
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field
from hypothesis import given, settings, strategies as st

import leanfeed
from leanfeed import CancelledError, InvalidRequestError
from leanfeed.backtest import FillReport, fill
from tests.backtest.lean_results import minute, write_list, write_report, write_results
from tests.build import MemorySource, sessions


@define
class CountedSource(MemorySource):
    """Knows how often it was asked."""

    calls: int = field(default=0, init=False)

    def fetch(self, gaps: Any) -> Any:
        self.calls += 1
        return super().fetch(gaps)


@pytest.fixture
def results(tmp_path: Path) -> Path:
    return tmp_path / "backtests/2024-12-02_09-30-00"


def asked(source: MemorySource) -> dict[str, list[str]]:
    return {str(gap.series): [str(session) for session in gap.sessions] for gap in source.asked}


def filled(results: Path, source: MemorySource, **more: Any) -> FillReport:
    return fill(results, data_folder="data", sources=[source], **more)


def test_exactly_the_sessions_of_the_list_are_fetched_in_one_call(results: Path) -> None:
    write_list(
        results,
        minute("SPY", "2024-11-25"),
        minute("SPY", "2024-11-27"),
        minute("AAPL", "2024-11-27"),
        "equity/usa/second/spy/20241129_trade.zip",
        "equity/usa/daily/msft.zip",
    )
    write_results(results, "2024-11-26", "2024-11-29")
    source = CountedSource()
    report = filled(results, source)
    assert asked(source) == {
        "SPY minute": ["2024-11-25", "2024-11-27"],
        "AAPL minute": ["2024-11-27"],
        "SPY second": ["2024-11-29"],
        "MSFT daily": ["2024-11-26", "2024-11-27", "2024-11-29"],
    }
    assert source.calls == 1
    assert report.complete
    zips = {path.relative_to("data").as_posix() for path in Path("data").rglob("*.zip")}
    assert zips == {
        "equity/usa/minute/spy/20241125_trade.zip",
        "equity/usa/minute/spy/20241127_trade.zip",
        "equity/usa/minute/aapl/20241127_trade.zip",
        "equity/usa/second/spy/20241129_trade.zip",
        "equity/usa/daily/msft.zip",
    }
    idle = CountedSource()
    again = filled(results, idle)
    assert (idle.calls, again.complete) == (0, True)
    assert again.report is not None
    assert again.report.cache_hits == 7


DAYS = [one.date for one in sessions("2024-11-18", "2024-11-29")]
WANTED = st.dictionaries(
    st.tuples(st.sampled_from(["SPY", "AAPL", "QQQ"]), st.sampled_from(["minute", "second"])),
    st.sets(st.sampled_from(DAYS), min_size=1),
)


@settings(max_examples=6, deadline=None)
@given(missed=WANTED, there=st.sets(st.sampled_from(DAYS), max_size=2))
def test_no_other_session_is_ever_asked_for(
    missed: dict[tuple[str, str], set[dt.date]], there: set[dt.date]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        data_folder, results = Path(folder, "data"), Path(folder, "results")
        for day in there:
            leanfeed.ensure(
                "SPY", resolution="minute", start=day, end=day,
                data_folder=data_folder, sources=[MemorySource()],
            )  # fmt: skip
        lines = [
            f"equity/usa/{resolution}/{ticker.lower()}/{day:%Y%m%d}_trade.zip"
            for (ticker, resolution), days in missed.items()
            for day in days
        ]
        write_list(results, *lines)
        source = CountedSource()
        fill(results, data_folder=data_folder, sources=[source])
    wanted = {
        f"{ticker} {resolution}": sorted(
            days - there if (ticker, resolution) == ("SPY", "minute") else days
        )
        for (ticker, resolution), days in missed.items()
    }
    assert asked(source) == {
        series: [str(day) for day in days] for series, days in wanted.items() if days
    }
    assert source.calls <= 1


def test_days_that_nobody_can_give_are_told(results: Path) -> None:
    lines = ("2024-11-30", "2024-11-28", "1970-01-05", "2099-01-05", "2024-11-29")
    write_list(results, *(minute("SPY", day) for day in lines), "custom/mood.csv")
    source = CountedSource()
    report = filled(results, source)
    assert asked(source) == {"SPY minute": ["2024-11-29"]}
    (reasons,) = report.refused.values()
    assert {str(day): reason for day, reason in reasons.items()} == {
        "1970-01-05": "us_equity_hours.json does not know the trading days of that year",
        "2024-11-28": "no trading day",
        "2024-11-30": "no trading day",
        "2099-01-05": "us_equity_hours.json does not know the trading days of that year",
    }
    assert "not fetched, SPY minute 2024-11-28, 2024-11-30: no trading day" in str(report)
    assert "not supported, custom/mood.csv: no file of bars" in str(report)


def test_a_session_that_is_to_come_is_told(results: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("leanfeed.clock.now", lambda: dt.datetime(2024, 11, 26, 12, tzinfo=dt.UTC))
    write_list(results, minute("SPY", "2024-11-25"), minute("SPY", "2024-11-27"))
    source = CountedSource()
    report = filled(results, source)
    assert asked(source) == {"SPY minute": ["2024-11-25"]}
    (reasons,) = report.refused.values()
    assert reasons == {dt.date(2024, 11, 27): "it lies in the future"}


def test_hour_and_daily_bars_of_a_backtest_until_now_end_yesterday(
    results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("leanfeed.clock.now", lambda: dt.datetime(2024, 11, 27, 20, tzinfo=dt.UTC))
    write_list(results, "equity/usa/hour/spy.zip")
    write_results(results, "2024-11-25", "2025-01-31")
    source = CountedSource()
    assert filled(results, source).complete
    assert asked(source) == {"SPY hour": ["2024-11-25", "2024-11-26"]}


def test_start_end_and_warmup_are_those_of_hour_and_daily_bars(results: Path) -> None:
    write_list(results, minute("SPY", "2024-11-25"), "equity/usa/daily/spy.zip")
    write_results(results, "2001-01-02", "2001-12-31")
    source = CountedSource()
    filled(results, source, start="2024-11-27", end="2024-11-27", warmup=1)
    assert asked(source) == {
        "SPY minute": ["2024-11-25"],
        "SPY daily": ["2024-11-26", "2024-11-27"],
    }


def test_without_results_only_hour_and_daily_bars_want_a_start(results: Path) -> None:
    write_list(results, minute("SPY", "2024-11-25"), "equity/usa/daily/spy.zip")
    source = CountedSource()
    report = filled(results, source)
    assert asked(source) == {"SPY minute": ["2024-11-25"]}
    assert report.report is not None
    assert (report.report.complete, report.complete) == (True, False)
    assert str(report).splitlines()[-1].startswith("  not fetched, SPY daily: no results")
    assert str(report).endswith("--start DATE")
    assert report.to_dict()["without_start"] == ["SPY daily"]
    with pytest.raises(leanfeed.IncompleteError, match=r"^SPY daily: .*--start DATE\.$"):
        report.raise_for_missing()
    with pytest.raises(InvalidRequestError, match="give another start or end"):
        filled(results, source, start="2024-11-29", end="2024-11-28")
    assert filled(results, source, start="2024-11-29", end="2024-11-29").complete


def test_where_only_a_start_is_lacking_nobody_is_asked(results: Path) -> None:
    write_list(results, "equity/usa/hour/spy.zip")
    source = CountedSource()
    report = filled(results, source, end="2024-11-29")
    assert (source.calls, report.report, report.complete) == (0, None, False)


def test_a_ticker_is_asked_for_under_the_name_that_its_owner_has_now(results: Path) -> None:
    map_files = Path("data/equity/usa/map_files")
    map_files.mkdir(parents=True)
    (map_files / "goog.csv").write_text("20140327,goocv,Q\n20140402,goocv,Q\n20501231,goog,Q\n")
    (map_files / "googl.csv").write_text("20040819,goog,Q\n20140402,goog,Q\n20501231,googl,Q\n")
    days = ("2013-10-07", "2014-04-01", "2014-04-07")
    write_list(results, *(minute("goog", day) for day in days), minute("googl", days[0]))
    source = CountedSource()
    report = filled(results, source)
    assert asked(source) == {"GOOG minute": [*days]}
    (line,) = (s for s in report.report.series if s.written)  # type: ignore[union-attr]
    assert {str(symbol) for symbol in line.asked_as} == {"GOOG", "GOOGL"}
    ((series, reasons),) = report.refused.items()
    assert str(series) == "GOOGL minute"
    assert list(reasons.values()) == ["no symbol had this ticker then, say LEAN's map files"]


def test_a_ticker_is_spelt_as_it_was_before(results: Path) -> None:
    asked_before = {"resolution": "minute", "start": "2024-11-25", "end": "2024-11-25"}
    leanfeed.ensure("AAMpA", **asked_before, data_folder="data", sources=[MemorySource()])
    write_list(results, minute("aampa", "2024-11-26"))
    source = CountedSource()
    assert filled(results, source).complete
    assert asked(source) == {"AAMpA minute": ["2024-11-26"]}


def test_what_is_known_to_have_no_trades_is_complete(results: Path) -> None:
    write_list(results, minute("THIN", "2024-11-25"))
    source = CountedSource(empty=frozenset({"2024-11-25"}))
    assert filled(results, source).complete
    assert filled(results, source).complete
    assert source.calls == 1


def test_what_stays_missing_is_in_the_report(results: Path) -> None:
    write_list(results, minute("SPY", "2024-11-25"), minute("SPY", "2024-11-26"))
    report = filled(results, CountedSource(lacks=frozenset({"2024-11-26"})))
    assert not report.complete
    with pytest.raises(leanfeed.IncompleteError, match="2024-11-26"):
        report.raise_for_missing()


def test_nothing_is_fetched_when_nothing_failed(results: Path) -> None:
    write_list(results)
    write_report(results, 0)
    report = filled(results, CountedSource())
    assert (report.complete, report.report) == (True, None)
    report.raise_for_missing()
    assert str(report).splitlines()[1:] == ["Nothing to fetch."]


def test_a_list_that_is_cut_short_is_said_to_be(results: Path) -> None:
    write_list(results, "custom/mood.csv")
    assert "may be cut short: there is no data-monitor-report beside it" in str(
        filled(results, CountedSource())
    )
    write_report(results, 8)
    assert "is cut short: LEAN counted 8" in str(filled(results, CountedSource()))


def test_many_unsupported_files_are_one_line_and_all_in_json(results: Path) -> None:
    days = [f"202411{day}" for day in range(11, 16)]
    write_list(results, *(f"equity/usa/minute/spy/{day}_quote.zip" for day in days))
    report = filled(results, CountedSource())
    assert (
        "not supported, equity/usa/minute/spy/*_quote.zip, 5 files of 20241111 … 20241115: "
        "leanfeed fetches trade bars, no quotes"
    ) in str(report)
    shown = json.loads(report.to_json())
    assert list(shown["unsupported"]) == [f"equity/usa/minute/spy/{day}_quote.zip" for day in days]


def test_a_dry_run_asks_nobody(results: Path) -> None:
    write_list(results, minute("SPY", "2024-11-25"))
    source = CountedSource()
    report = filled(results, source, dry_run=True)
    assert (source.calls, report.complete) == (0, False)


def test_filling_can_be_cancelled(results: Path) -> None:
    write_list(results, minute("SPY", "2024-11-25"))

    class Cancelled:
        def is_set(self) -> bool:
            return True

    with pytest.raises(CancelledError, match="run again") as stopped:
        filled(results, CountedSource(), cancel=Cancelled())
    assert isinstance(stopped.value.report, FillReport)
    assert stopped.value.report.report
    assert stopped.value.report.report.missing_sessions == 1


def test_damage_of_other_days_is_not_told(results: Path) -> None:
    damaged = Path("data", minute("SPY", "2024-11-26"))
    damaged.parent.mkdir(parents=True)
    damaged.write_bytes(b"no zip")
    write_list(results, minute("SPY", "2024-11-25"), minute("SPY", "2024-11-27"))
    source = CountedSource()
    report = filled(results, source)
    assert asked(source) == {"SPY minute": ["2024-11-25", "2024-11-27"]}
    assert "damaged" not in str(report)
