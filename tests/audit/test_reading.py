"""The quick way to read agrees with the way in which everything else is read."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, strategies as st

from leanfeed.lean.lines import normalised, parse_bars, sound_rows
from leanfeed.lean.local_time import wall_clock
from leanfeed.lean.market_hours import market_hours
from leanfeed.lean.paths import parse_path
from leanfeed.lean.zips import entry_text
from leanfeed.soundness.calendar import Calendar
from leanfeed.soundness.lost_days import days_of_bad_lines
from leanfeed.soundness.plain_text import is_plain
from leanfeed.soundness.rows import parse_rows
from leanfeed.values import Resolution, Series, TickType
from tests.audit.files import DAILY, DATES, MINUTE

QUOTES = Series(MINUTE.symbol, MINUTE.resolution, TickType.QUOTE)
SAMPLES = [
    "equity/usa/minute/spy/20131007_trade.zip",
    "equity/usa/minute/twx/20140609_quote.zip",
    "equity/usa/hour/spy.zip",
    "equity/usa/daily/aapl.zip",
    "crypto/coinbase/daily/btcusd_quote.zip",
    "crypto/coinbase/minute/btcusd/20161007_trade.zip",
]


@pytest.mark.parametrize("name", SAMPLES)
def test_columns_are_those_of_the_reader(name: str, lean_data: Path) -> None:
    series, day = parse_path(lean_data / name)
    text = entry_text(lean_data / name)
    rows = parse_rows(normalised(text), series, day)
    bars = parse_bars(text, series, "UTC", day=day)
    midnights = np.array([wall_clock(date) for date in rows.dates])
    assert (midnights[rows.day] + rows.clock == bars.time).all()
    scale = 10_000 if name.startswith("equity") else 1
    found = [
        column
        for side in rows.sides
        for column in (side.open, side.high, side.low, side.close, side.size)
    ]
    for i, (column, known) in enumerate(zip(found, bars.columns[1:], strict=True)):
        expected = known if i % 5 == 4 else known * scale
        assert np.allclose(column, expected, equal_nan=True, rtol=1e-12)


ROW = b"34200000,1000000,1005000,995000,1002500,100"
STAMPED = b"20240102 00:00,1,1,1,1,1"
texts = st.text(alphabet="0123456789,\n :.-", max_size=60).map(str.encode)


@given(st.sampled_from([MINUTE, QUOTES, DAILY]), texts)
@example(MINUTE, ROW)
@example(MINUTE, ROW + b"\n" + ROW)
@example(MINUTE, ROW + b"\n")
@example(MINUTE, b"123456789,1,1,1,1,1")
@example(MINUTE, b"1,1234567890123456789,1,1,1,1")
@example(MINUTE, b"1,1,1,1,1\n1,1,1,1,1,1,1")
@example(MINUTE, b"1,1\n1,1,1,1")
@example(QUOTES, b"1,2,3,4,5,6,7,8,9,10,11")
@example(DAILY, STAMPED)
@example(DAILY, b"202401020 0:00,1,1,1,1,1")
@example(DAILY, b"20240102 00:00,1,1,1 ,1,1")
@example(DAILY, b"20240102:00 00,1,1,1,1,1")
@example(DAILY, b"20240102 00:00,1,1,1,1,1\n2024010200:00 ,1,1,1,1,1")
def test_what_is_plain_is_sound(series: Series, text: bytes) -> None:
    if not text or not is_plain(text, series):
        return
    assert len(sound_rows(text, series.resolution, series.tick_type)) == text.count(b"\n") + 1


@pytest.mark.parametrize(
    ("series", "text"),
    [(MINUTE, ROW), (MINUTE, ROW + b"\n" + ROW), (DAILY, STAMPED + b"\n" + STAMPED)],
)
def test_what_leanfeed_writes_is_plain(series: Series, text: bytes) -> None:
    assert is_plain(text, series)


def test_impossible_times_are_left_out_and_named() -> None:
    text = b"20240102 00:00,1,1,1,1,1\n20240230 00:00,2,2,2,2,2\n20240103 25:00,3,3,3,3,3"
    rows = parse_rows(text, DAILY, None)
    assert (rows.dates[0], len(rows), rows.impossible) == (DATES[0], 1, (2, 3))
    assert rows.sides[0].open.tolist() == [1]


def test_leading_zeros_are_numbers() -> None:
    rows = parse_rows(b"00034200000,01,1,1,1,007", MINUTE, DATES[0])
    assert (rows.clock.tolist(), rows.sides[0].size.tolist()) == ([34_200_000], [7])


@given(st.lists(st.sampled_from(["sound", "dated", "undated"]), max_size=15))
def test_the_days_between_sound_rows_are_those_that_were_lost(states: list[str]) -> None:
    calendar = Calendar(market_hours(MINUTE.symbol))
    states = ["sound", *states, "sound"]
    sessions = calendar.between(dt.date(2024, 1, 2), dt.date(2024, 3, 1))[: len(states)]
    lines = [
        b"rubbish" if state == "undated" else f"{session.date:%Y%m%d} 00:00".encode()
        for session, state in zip(sessions, states, strict=True)
    ]
    bad = [i for i, state in enumerate(states) if state != "sound"]
    days = days_of_bad_lines(lines, bad, Resolution.DAILY, calendar)
    assert days == tuple(sessions[i].date for i in bad)


def test_a_bad_line_at_an_end_is_of_the_day_that_it_names() -> None:
    lines = [b"20240102 00:00,1,1,1,1", b"20240103 00:00,1,1,1,1,1", b"20240105 00:00,1,1,1,1"]
    calendar = Calendar(market_hours(MINUTE.symbol))
    days = days_of_bad_lines(lines, [0, 2], Resolution.DAILY, calendar)
    assert days == (DATES[0], DATES[3])
