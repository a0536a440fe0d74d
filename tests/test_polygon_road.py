"""From Polygon's JSON over real sockets to LEAN's own bytes on disk."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import leanfeed
from leanfeed import Bars, Report, Resolution, Series, Symbol
from leanfeed.lean.consolidate import daily, hourly
from leanfeed.lean.lines import format_bars
from tests import build
from tests.polygon_server import PolygonServer, from_lean, synthetic

Serve = Callable[..., PolygonServer]
YEAR = build.sessions("2023-01-03", "2023-12-29")


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """Start a server, and point the source at it as a user would."""
    running = []

    def serve(market: Any, **more: Any) -> PolygonServer:
        server = PolygonServer(market, **more)
        running.append(server.__enter__())
        monkeypatch.setenv("POLYGON_API_KEY", server.key)
        monkeypatch.setenv("POLYGON_BASE_URL", server.url)
        return server

    yield serve
    for server in running:
        server.__exit__(None, None, None)


def ensure(folder: Path, symbols: Any, resolution: str, start: str, end: str) -> Report:
    return leanfeed.ensure(symbols, resolution=resolution, start=start, end=end, data_folder=folder)


def text(path: Path) -> bytes:
    with zipfile.ZipFile(path) as archive:
        (name,) = archive.namelist()
        return archive.read(name)


def entry(path: Path) -> tuple[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        (name,) = archive.namelist()
        return name, archive.read(name).rstrip(b"\n")


@pytest.mark.parametrize(
    ("ticker", "resolution", "start", "end"),
    [
        ("SPY", "minute", "2013-10-04", "2013-10-11"),
        ("AAPL", "minute", "2014-06-05", "2014-06-09"),
        ("TWX", "minute", "2014-06-05", "2014-06-09"),
        ("GOOG", "minute", "2015-12-23", "2015-12-28"),
        ("SPY", "second", "2013-10-07", "2013-10-11"),
    ],
)
def test_leans_own_files_come_back(
    tmp_path: Path,
    serve: Serve,
    lean_data: Path,
    ticker: str,
    resolution: str,
    start: str,
    end: str,
) -> None:
    server = serve(from_lean(lean_data))
    report = ensure(tmp_path, ticker, resolution, start, end)
    assert report.complete
    assert report.http_requests == len(server.seen)
    folder = Path("equity/usa", resolution, ticker.lower())
    written = sorted((tmp_path / folder).glob("*.zip"))
    assert len(written) == report.written_sessions
    for path in written:
        assert entry(path) == entry(lean_data / folder / path.name)


def test_hours_and_days_are_made_from_minutes_as_lean_does(
    tmp_path: Path, serve: Serve, lean_data: Path
) -> None:
    market = from_lean(lean_data)
    serve(market)
    assert ensure(tmp_path, "SPY", "hour", "2013-10-07", "2013-10-11").complete
    minutes = market["SPY", "minute"]
    week = build.sessions("2013-10-07", "2013-10-11")
    hours = Bars.concat([hourly(minutes.between(*session.day), session) for session in week])
    series = Series(Symbol("SPY"), Resolution.HOUR)
    assert text(tmp_path / "equity/usa/hour/spy.zip") == format_bars(
        hours, series, "America/New_York"
    )
    first = text(tmp_path / "equity/usa/hour/spy.zip").split(b"\n")[0]
    assert first == b"20131007 09:00,1674300,1678800,1672500,1677200,13131967"


def test_daily_bars_merge_into_leans_own_zip(tmp_path: Path, serve: Serve, lean_data: Path) -> None:
    path = tmp_path / "equity/usa/daily/spy.zip"
    path.parent.mkdir(parents=True)
    shutil.copy(lean_data / "equity/usa/daily/spy.zip", path)
    before = text(path).split(b"\n")
    days = build.sessions("2021-03-29", "2021-04-09")
    bars = Bars.concat([build.bars(session, "daily") for session in days])
    server = serve({("SPY", "day"): bars})
    report = ensure(tmp_path, "SPY", "daily", "2021-03-29", "2021-04-09")
    assert report.complete
    assert (report.cache_hits, report.written_sessions, len(server.seen)) == (3, 6, 1)
    after = text(path).split(b"\n")
    assert after[: len(before)] == before
    assert [row[:14] for row in after[len(before) :]] == [
        b"%s 00:00" % day
        for day in (b"20210401", b"20210405", b"20210406", b"20210407", b"20210408", b"20210409")
    ]


def test_second_run_sends_no_request_and_touches_no_file(tmp_path: Path, serve: Serve) -> None:
    week = build.sessions("2024-11-25", "2024-11-29")
    server = serve({("SPY", "minute"): synthetic(week), ("SPY", "day"): synthetic(week, "day")})
    asked = ("SPY", "minute,hour,daily", "2024-11-25", "2024-11-29")
    assert ensure(tmp_path, *asked).complete
    stamps = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.zip")}
    count = len(server.seen)
    assert count == 2  # minutes serve minute and hour
    second = ensure(tmp_path, *asked)
    assert (second.complete, second.http_requests, len(server.seen)) == (True, 0, count)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.zip")} == stamps


def test_one_deleted_session_costs_one_request(tmp_path: Path, serve: Serve) -> None:
    week = build.sessions("2024-11-25", "2024-11-29")
    server = serve({("SPY", "minute"): synthetic(week)})
    ensure(tmp_path, "SPY", "minute", "2024-11-25", "2024-11-29")
    (tmp_path / "equity/usa/minute/spy/20241127_trade.zip").unlink()
    server.seen.clear()
    assert ensure(tmp_path, "SPY", "minute", "2024-11-25", "2024-11-29").written_sessions == 1
    assert len(server.seen) == 1


def test_a_year_of_three_symbols_costs_what_the_page_limit_allows(
    tmp_path: Path, serve: Serve
) -> None:
    bars = synthetic(YEAR, density=1 / 200)
    symbols = ["SPY", "AAPL", "BRK.B"]
    server = serve({(symbol, "minute"): bars for symbol in symbols}, latency=0.02)
    window = {"start": YEAR[0].date, "end": YEAR[-1].date}
    planned = leanfeed.plan(symbols, resolution="minute", data_folder=tmp_path, **window)
    estimate = planned.estimates["polygon"]
    report = leanfeed.ensure(symbols, resolution="minute", data_folder=tmp_path, **window)
    assert report.complete
    expected = 3 * -(-len(YEAR) * 960 // 50_000)
    assert estimate is not None
    assert len(server.seen) == report.http_requests == estimate.requests == expected
    assert 1 < server.most_in_flight <= 5


def test_unknown_ticker_has_no_trades_and_is_not_asked_again(tmp_path: Path, serve: Serve) -> None:
    server = serve({})
    report = ensure(tmp_path, "NOSUCH", "minute", "2024-01-02", "2024-01-05")
    assert report.complete
    assert len(report.series[0].no_trades) == 4
    assert ensure(tmp_path, "NOSUCH", "minute", "2024-01-02", "2024-01-05").http_requests == 0
    assert len(server.seen) == 1


def test_wrong_key_is_one_clear_sentence_and_an_untouched_folder(
    tmp_path: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve({})
    monkeypatch.setenv("POLYGON_API_KEY", "wrong")
    report = ensure(tmp_path / "data", "SPY", "minute", "2024-01-02", "2024-01-05")
    assert report.failures[0].error == "AuthenticationError"
    assert "POLYGON_API_KEY" in report.failures[0].message
    assert len(server.seen) == 1
    assert not (tmp_path / "data").exists()


def test_missing_key_asks_nobody(
    tmp_path: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve({})
    monkeypatch.delenv("POLYGON_API_KEY")
    report = ensure(tmp_path / "data", "SPY", "minute", "2024-01-02", "2024-01-05")
    assert report.failures[0].error == "AuthenticationError"
    assert server.seen == []
    assert not (tmp_path / "data").exists()


def test_daily_from_minutes_is_a_setting(
    tmp_path: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch, lean_data: Path
) -> None:
    market = from_lean(lean_data)
    serve(market)
    monkeypatch.setenv("LEANFEED_POLYGON_DAILY", "minutes")
    assert ensure(tmp_path, "SPY", "daily", "2013-10-07", "2013-10-07").complete
    assert text(tmp_path / "equity/usa/daily/spy.zip") == (
        b"20131007 00:00,1674300,1684500,1672500,1674200,81489219"
    )
    (session,) = build.sessions("2013-10-07", "2013-10-07")
    assert len(daily(market["SPY", "minute"].between(*session.day), session)) == 1
