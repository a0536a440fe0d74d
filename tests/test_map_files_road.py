"""A ticker that changed: each session is asked for and stored under the ticker of its date."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import leanfeed
from leanfeed import InvalidRequestError, Plan, Report
from tests.build import MemorySource, bars, sessions
from tests.polygon_server import PolygonServer

#: OLD until Wednesday, NEW since Thursday; listed on Tuesday the 2nd, delisted on Friday the 12th.
NEW = "20240102,old\n20240103,old\n20240112,new\n"
WEEKS: dict[str, Any] = {"start": "2023-12-27", "end": "2024-01-17"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, "new.csv", NEW)
    return tmp_path


def write(folder: Path, name: str, text: str) -> None:
    path = folder / "equity/usa/map_files" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def ensure(folder: Path, symbols: str, source: MemorySource, **more: Any) -> Report:
    asked = {"resolution": "minute"} | WEEKS | more
    return leanfeed.ensure(symbols, data_folder=folder, sources=[source], **asked)


def plan(folder: Path, symbols: str, **more: Any) -> Plan:
    asked = {"resolution": "minute"} | WEEKS | more
    return leanfeed.plan(symbols, data_folder=folder, sources=[MemorySource()], **asked)


def missing(planned: Plan) -> dict[str, list[str]]:
    return {
        s.series.symbol.ticker: [f"{day.date:%m%d}" for day in s.missing] for s in planned.series
    }


@pytest.mark.parametrize("resolution", ["minute", "daily"])
def test_each_session_is_stored_under_its_ticker(folder: Path, resolution: str) -> None:
    source = MemorySource()
    report = ensure(folder, "new", source, resolution=resolution)
    asked = {gap.series.symbol.ticker: [str(s)[5:] for s in gap.sessions] for gap in source.asked}
    assert asked == {
        "OLD": ["01-02", "01-03"],
        "NEW": ["01-04", "01-05", "01-08", "01-09", "01-10", "01-11", "01-12"],
    }
    assert report.complete
    assert report.written_sessions == 9
    stored = {
        path.relative_to(folder / "equity/usa" / resolution).as_posix()
        for path in (folder / "equity/usa" / resolution).rglob("*.zip")
    }
    if resolution == "daily":
        assert stored == {"old.zip", "new.zip"}
    else:
        assert {name for name in stored if name.startswith("old/")} == {
            "old/20240102_trade.zip",
            "old/20240103_trade.zip",
        }
        assert len(stored) == 9
    idle = MemorySource()
    again = ensure(folder, "NEW", idle, resolution=resolution)
    assert (idle.asked, again.complete, again.cache_hits) == ([], True, 9)


def test_the_user_sees_why_the_old_ticker_is_there(folder: Path) -> None:
    source = MemorySource(lacks=frozenset({"2024-01-03"}))
    planned = plan(folder, "NEW")
    report = ensure(folder, "NEW", source)
    assert "minute OLD: 2 missing (2024-01-02 … 2024-01-03), asked as NEW" in str(planned)
    assert "minute OLD: 1 written, 1 missing, asked as NEW" in str(report)
    assert "minute OLD: missing 2024-01-03, asked as NEW: MemorySource: no answer" in str(report)
    for told in (planned, report):
        assert "minute NEW: 7 " in str(told)
        assert "NEW: not listed on 2023-12-27 … 2023-12-29, 2024-01-16 … 2024-01-17" in str(told)
        read = json.loads(told.to_json())
        assert [(s["symbol"], s["asked_as"]) for s in read["series"]] == [
            ("OLD", ["NEW"]),
            ("NEW", ["NEW"]),
        ]
        assert read["unlisted"] == {
            "NEW": ["2023-12-27", "2023-12-28", "2023-12-29", "2024-01-16", "2024-01-17"]
        }


def test_the_warm_up_is_mapped_by_date_too(folder: Path) -> None:
    planned = plan(folder, "NEW", start="2024-01-08", end="2024-01-08", warmup=5)
    assert missing(planned) == {"OLD": ["0102", "0103"], "NEW": ["0104", "0105", "0108"]}
    assert planned.unlisted == {leanfeed.Symbol("NEW"): sessions("2023-12-29", "2023-12-29")}


def test_series_without_sessions_are_left_out_but_not_the_one_asked_for(folder: Path) -> None:
    assert missing(plan(folder, "NEW", start="2024-01-05")) == {
        "NEW": ["0105", "0108", "0109", "0110", "0111", "0112"]
    }
    late = plan(folder, "NEW", start="2024-01-16")
    assert missing(late) == {"NEW": []}
    assert "minute NEW: no sessions" in str(late)


def test_a_session_that_two_symbols_need_is_asked_once(folder: Path) -> None:
    source = MemorySource()
    report = ensure(folder, "NEW,OLD", source)
    assert [gap.series.symbol.ticker for gap in source.asked] == ["OLD", "NEW"]
    assert source.asked_sessions[:14] == [str(s) for s in sessions("2023-12-27", "2024-01-17")]
    assert [[str(symbol) for symbol in s.asked_as] for s in report.series] == [
        ["NEW", "OLD"],
        ["NEW"],
    ]
    assert report.complete


def test_a_ticker_that_another_company_had_before_is_the_last_one_s(folder: Path) -> None:
    write(folder, "new.1.csv", "20231227,new\n20231228,new\n")
    assert missing(plan(folder, "NEW"))["NEW"][0] == "0104"
    assert missing(plan(folder, "NEW.1")) == {"NEW": ["1227", "1228"]}
    both = missing(plan(folder, "NEW,NEW.1"))
    assert both["NEW"][:3] == ["1227", "1228", "0104"]


def test_without_map_files_the_ticker_is_taken_as_it_is(tmp_path: Path) -> None:
    planned = plan(tmp_path, "NEW")
    assert (list(missing(planned)), planned.missing, planned.unlisted) == (["NEW"], 14, {})


def test_symbols_that_come_to_share_a_file_are_refused_on_their_dates_only(folder: Path) -> None:
    write(folder, "new.csv", "20240102,aampa\n20240103,aampa\n20501231,new\n")
    with pytest.raises(InvalidRequestError, match=r"AAMPA and AAMpA .* file aampa"):
        plan(folder, "NEW,AAMpA")
    assert plan(folder, "NEW,AAMpA", start="2024-01-04").missing == 2 * 9


def test_leans_own_folder_lacks_nothing_of_waste_management(lean_data: Path) -> None:
    asked = {"resolution": "daily", "start": "1998-01-02", "end": "2021-03-31"}
    planned = plan(lean_data, "WM", **asked)
    assert (planned.missing, planned.unlisted) == (0, {})
    assert {s.series.symbol.ticker: len(s.present) for s in planned.series} == {
        "UW": 135,
        "WMI": 2780,
        "WM": 2934,
    }


def test_polygon_is_asked_for_the_ticker_of_the_date(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = sessions("2024-01-02", "2024-01-12")
    market = {
        ("OLD", "day"): leanfeed.Bars.concat([bars(day, "daily", price=50) for day in days]),
        ("NEW", "day"): leanfeed.Bars.concat([bars(day, "daily", price=70) for day in days]),
    }
    with PolygonServer(market) as server:
        monkeypatch.setenv("POLYGON_API_KEY", server.key)
        monkeypatch.setenv("POLYGON_BASE_URL", server.url)
        report = leanfeed.ensure("NEW", resolution="daily", data_folder=folder, **WEEKS)
    assert report.complete
    paths = sorted(seen.path for seen in server.seen)
    assert paths == [
        "/v2/aggs/ticker/NEW/range/1/day/2024-01-04/2024-01-12",
        "/v2/aggs/ticker/OLD/range/1/day/2024-01-02/2024-01-03",
    ]
