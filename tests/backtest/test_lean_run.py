"""Which list is read, and what else LEAN's results tell."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import pytest

from leanfeed import InvalidRequestError, Resolution, Series, Symbol
from leanfeed.backtest import failed_requests
from tests.backtest.lean_results import minute, write_list, write_report, write_results

WEEK = (dt.date(2024, 11, 25), dt.date(2024, 11, 29))


def test_lines_are_sorted_by_what_they_are(tmp_path: Path) -> None:
    write_list(
        tmp_path,
        minute("SPY", "2024-11-27"),
        minute("SPY", "2024-11-25"),
        minute("SPY", "2024-11-27"),
        minute("AAPL", "2024-11-25"),
        "",
        "equity/usa/daily/spy.zip",
        "equity/usa/map_files/spy.csv",
    )
    found = failed_requests(tmp_path)
    days = [dt.date(2024, 11, 25), dt.date(2024, 11, 27)]
    assert found.dates == {
        Series(Symbol("AAPL"), Resolution.MINUTE): (days[0],),
        Series(Symbol("SPY"), Resolution.MINUTE): tuple(days),
    }
    assert found.undated == (Series(Symbol("SPY"), Resolution.DAILY),)
    assert list(found.unsupported) == ["equity/usa/map_files/spy.csv"]
    assert found.lines == 6


def test_the_newest_list_counts_wherever_it_lies(tmp_path: Path) -> None:
    write_list(tmp_path / "b", minute("OLD", "2024-11-25"), stamp="20241201000000000")
    newest = write_list(tmp_path / "a/deep", minute("SPY", "2024-11-25"))
    write_list(tmp_path, minute("OLD", "2024-11-25"), stamp="20241202093000122")
    (tmp_path / "failed-data-requests-latest.txt").write_text(minute("ODD", "2024-11-25"))
    (tmp_path / "succeeded-data-requests-20991231000000000.txt").write_text("")
    assert failed_requests(str(tmp_path)).path == newest


def test_a_windows_list_reads_alike(tmp_path: Path) -> None:
    path = write_list(tmp_path)
    path.write_bytes(b"\xef\xbb\xbfequity\\usa\\daily\\spy.zip\r\nequity\\usa\\\xff\r\n")
    found = failed_requests(tmp_path)
    assert found.undated == (Series(Symbol("SPY"), Resolution.DAILY),)
    assert list(found.unsupported) == ["equity\\usa\\�"]


@pytest.mark.parametrize("name", ["nothing", "missing"])
def test_without_a_list_there_is_advice(name: str, tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    with pytest.raises(InvalidRequestError, match="name the folder in which LEAN put"):
        failed_requests(tmp_path / name)


def test_the_window_is_the_one_of_the_results(tmp_path: Path) -> None:
    write_list(tmp_path)
    results = write_results(tmp_path, "2024-11-25", "2024-11-29", charts={"x": [[1, 2.5]]})
    (tmp_path / "1234-order-events.json").write_text("[]")
    (tmp_path / "broken.json").write_text('{"algorithmConfiguration": {')
    found = failed_requests(tmp_path)
    assert (found.window, found.window_from) == (WEEK, results)


@pytest.mark.parametrize(
    "text",
    [
        '{"AlgorithmConfiguration": {"StartDate": "2024-11-25 00:00:00", '
        '"EndDate": "2024-11-29 23:59:59"}}',
        '{"algorithmConfiguration": {"startDate": "2024-11-25T00:00:00", '
        '"endDate": "2024-11-29T00:00:00", "parameters": {"startDate": "2001-01-01"}}}',
    ],
)
def test_other_versions_of_lean_spell_the_window_otherwise(text: str, tmp_path: Path) -> None:
    write_list(tmp_path)
    (tmp_path / "1234.json").write_text(text)
    assert failed_requests(tmp_path).window == WEEK


def test_the_window_of_another_backtest_is_not_taken(tmp_path: Path) -> None:
    write_list(tmp_path)
    older = write_results(tmp_path, "2001-01-02", "2001-01-03")
    began = dt.datetime(2024, 12, 2, 9, 30, tzinfo=dt.UTC).timestamp()
    os.utime(older, (began - 1, began - 1))
    assert failed_requests(tmp_path).window is None
    newer = write_results(tmp_path, "2024-11-25", "2024-11-29", name="2.json")
    os.utime(newer, (began + 60, began + 60))
    assert failed_requests(tmp_path).window == WEEK
    failed = write_results(tmp_path, "0001-01-01", "0001-01-01", name="3.json")
    os.utime(failed, (began + 90, began + 90))
    assert failed_requests(tmp_path).window is None, "an algorithm that failed to initialize"


def test_lean_says_how_long_its_list_should_be(tmp_path: Path) -> None:
    write_list(tmp_path, minute("SPY", "2024-11-25"), minute("SPY", "2024-11-25"))
    assert failed_requests(tmp_path).counted is None, "the backtest was killed"
    write_report(tmp_path, 9, stamp="20241201093500456")
    assert failed_requests(tmp_path).counted is None, "the report of an earlier one"
    write_report(tmp_path, 2)
    write_report(tmp_path, 7, stamp="20241203000000000")
    found = failed_requests(tmp_path)
    assert (found.counted, found.is_whole) == (2, True)
    write_report(tmp_path, 5)
    assert not failed_requests(tmp_path).is_whole


def test_list_that_was_renamed_counts_where_there_is_no_other(tmp_path: Path) -> None:
    path = tmp_path / "failed-data-requests-20241201.txt"
    path.write_text("equity/usa/minute/spy/20241125_trade.zip\n", encoding="utf-8")
    assert failed_requests(tmp_path).path == path
