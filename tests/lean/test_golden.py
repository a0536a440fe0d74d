"""LEAN's own sample files: names, text, bars and hours as LEAN made them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path, PurePosixPath

import pytest

from leanfeed.bars import Bars
from leanfeed.lean.consolidate import daily, hourly
from leanfeed.lean.lines import format_bars, normalised, parse_bars
from leanfeed.lean.market_hours import market_hours
from leanfeed.lean.paths import entry_name, parse_exact_path, parse_path
from leanfeed.lean.reader import read_file, read_series, session_dates
from leanfeed.lean.zips import entries, zip_bytes
from leanfeed.values import Resolution, Series, Symbol

NEW_YORK = "America/New_York"
SPY = Symbol("SPY")
#: LEAN reads it all the same: its name is not looked at.
MISNAMED = {"equity/usa/hour/tapa.zip": "tapa/tapa.csv"}


@pytest.fixture(scope="module")
def zips(lean_data: Path) -> list[Path]:
    found = sorted(path for path in lean_data.rglob("*.zip"))
    assert found
    return found


def test_every_entry_is_written_as_lean_wrote_it(zips: list[Path]) -> None:
    for path in zips:
        series, day = parse_path(path)
        time_zone = "UTC" if "crypto" in path.parts else NEW_YORK
        for name, text in entries(path).items():
            bars = parse_bars(text, series, time_zone, day=day)
            written = format_bars(bars, series, time_zone)
            assert written == normalised(text), (path, name)
            assert entries_of(zip_bytes(name, written), path.name) == {name: written}


def entries_of(content: bytes, name: str) -> dict[str, bytes]:
    path = Path(name)
    path.write_bytes(content)
    return entries(path)


def test_every_name_is_lean_s(zips: list[Path], lean_data: Path) -> None:
    for path in zips:
        relative = path.relative_to(lean_data).as_posix()
        series, day = parse_exact_path(PurePosixPath(relative))
        if not series.is_chain:
            assert list(entries(path)) == [MISNAMED.get(relative, entry_name(series, day))]


@pytest.mark.parametrize(
    ("path", "rows", "first", "last"),
    [
        ("equity/usa/minute/spy/20131007_trade.zip", 828, "2013-10-07T08:00", "2013-10-07T23:59"),
        ("equity/usa/minute/spy/20131007_quote.zip", 908, "2013-10-07T08:00", "2013-10-08T00:00"),
        ("equity/usa/hour/tapa.zip", 578, "2010-01-11T15:00", "2012-12-31T14:00"),
        ("equity/usa/daily/spy.zip", 5849, "1998-01-02T05:00", "2021-03-31T04:00"),
        ("crypto/coinbase/daily/btcusd_trade.zip", 1318, "2014-12-01T00:00", "2018-08-13T00:00"),
    ],
)
def test_instants(path: str, rows: int, first: str, last: str, lean_data: Path) -> None:
    bars = read_file(lean_data / path)
    assert len(bars) == rows
    instants = [dt.datetime.fromtimestamp(bars.time[i] / 1000, dt.UTC) for i in (0, -1)]
    assert [f"{instant:%Y-%m-%dT%H:%M}" for instant in instants] == [first, last]


def test_sessions_of_spy_are_those_of_the_calendar(lean_data: Path) -> None:
    sessions = market_hours(SPY, lean_data).sessions(dt.date(1998, 1, 2), dt.date(2021, 3, 31))
    for resolution in ("daily", "hour"):
        dates = session_dates(lean_data / f"equity/usa/{resolution}/spy.zip")
        assert dates == {session.date for session in sessions}


def test_hour_and_day_from_minutes(lean_data: Path) -> None:
    day = dt.date(2013, 10, 7)
    (session,) = market_hours(SPY, lean_data).sessions(day, day)
    minutes = read_series(lean_data, Series(SPY, Resolution.MINUTE), start=day, end=day)
    assert isinstance(minutes, Bars)

    hours = format_bars(hourly(minutes, session), Series(SPY, Resolution.HOUR), NEW_YORK)
    bar = format_bars(daily(minutes, session), Series(SPY, Resolution.DAILY), NEW_YORK)

    assert hours.split(b"\n")[0] == b"20131007 09:00,1674300,1678800,1672500,1677200,13131967"
    assert bar == b"20131007 00:00,1674300,1684500,1672500,1674200,81489219"
    for resolution, text in (("hour", hours), ("daily", bar)):
        (golden,) = entries(lean_data / f"equity/usa/{resolution}/spy.zip").values()
        expected = [row for row in golden.split(b"\n") if row.startswith(b"20131007")]
        # Open, high and low of LEAN's hours differ from its own minutes by a tick here and there.
        assert _closes(text.split(b"\n")) == _closes(expected)


def _closes(rows: list[bytes]) -> list[list[bytes]]:
    """Time, close and volume."""
    return [[*row.split(b",")[:1], *row.split(b",")[4:]] for row in rows]
