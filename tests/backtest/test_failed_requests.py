"""What each line of LEAN's list means."""

from __future__ import annotations

import datetime as dt
import string

import pytest
from hypothesis import given, strategies as st

from leanfeed import Resolution, Series, Symbol
from leanfeed.lean import zip_path
from leanfeed.lean.failed_requests import parse_failed_request

SPY_MINUTE = Series(Symbol("SPY"), Resolution.MINUTE)
DAY = dt.date(2013, 10, 7)


@pytest.mark.parametrize(
    "line",
    [
        "equity/usa/minute/spy/20131007_trade.zip",
        "/equity/usa/minute/spy/20131007_trade.zip",
        "equity\\usa\\minute\\spy\\20131007_trade.zip",
        "\\equity\\usa\\minute\\spy\\20131007_trade.zip",
        "equity/usa/minute/spy/20131007_trade.zip#20131007_spy_minute_trade.csv",
        "  equity/usa/minute/SPY/20131007_trade.zip \r",
        "/Lean/Data/equity/usa/minute/spy/20131007_trade.zip",
        "../../../Data/equity/usa/minute/spy/20131007_trade.zip",
        "C:\\lean\\data\\equity\\usa\\minute\\spy\\20131007_trade.zip",
    ],
)
def test_every_spelling_of_a_path_is_the_same_session(line: str) -> None:
    found = parse_failed_request(line)
    assert (found.series, found.day, found.unsupported) == (SPY_MINUTE, DAY, "")


LETTERS = string.ascii_uppercase
CLASSES = st.sampled_from(["", *(f".{letter}" for letter in LETTERS)])


@given(
    ticker=st.builds(str.__add__, st.text(LETTERS, min_size=1, max_size=5), CLASSES)
    | st.just("DATA"),
    resolution=st.sampled_from(Resolution),
    day=st.dates(dt.date(1990, 1, 1), dt.date(2030, 1, 1)),
    prefix=st.sampled_from(["", "/", "/Lean/Data/", "./"]),
)
def test_what_leanfeed_would_write_is_understood(
    ticker: str, resolution: Resolution, day: dt.date, prefix: str
) -> None:
    series = Series(Symbol(ticker), resolution)
    found = parse_failed_request(f"{prefix}{zip_path(series, day)}")
    assert found.series == series
    assert found.day == (day if resolution.is_file_per_session else None)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("equity/usa/minute/spy/20131007_quote.zip", "no quotes"),
        ("equity/usa/tick/spy/20131007_trade.zip", "no ticks"),
        ("equity/usa/fundamental/coarse/20131007.csv", "no universes"),
        ("equity/usa/universes/etf/spy/20201130.csv", "no universes"),
        ("option/usa/universes/aapl/20241112.csv", "no universes"),
        ("equity/usa/map_files/spy.csv", "no map files"),
        ("equity/usa/factor_files/spy.csv", "no factor files"),
        ("option/usa/minute/aapl/20140606_quote_american.zip#x.csv", "the type option"),
        ("option/usa/daily/aapl_2014_trade_american.zip", "the type option"),
        ("future/cme/minute/es/20131007_trade.zip", "the type future"),
        ("indexoption/usa/minute/spx/20210104_trade_european.zip", "the type indexoption"),
        ("crypto/coinbase/daily/btcusd_trade.zip", "the type crypto"),
        ("forex/oanda/minute/eurusd/20140501_quote.zip", "the type forex"),
        ("index/usa/daily/spx.zip", "the type index"),
        ("equity/india/daily/yesbank.zip", "US equities only"),
        ("equity/usa/daily/spy.csv", "no file of bars"),
        ("equity/usa/minute/spy/20131307_trade.zip", "no file of bars"),
        ("equity/usa/minute/spy/20131007_openinterest.zip", "no file of bars"),
        ("equity/usa/minute/spy/20131007_tra", "no file of bars"),
        ("equity/usa/minute/../20131007_trade.zip", "no file of bars"),
        ("equity/usa/shortable/testbrokerage/dates/20131007.csv", "no file of bars"),
        ("alternative/equity/usa/daily/spy.zip", "no file of a data folder"),
        ("https://example.com/data/equity/usa/daily/spy.zip", "no file of a data folder"),
        ("symbol-properties/security-database.csv", "no file of bars"),
    ],
)
def test_what_leanfeed_cannot_fetch_keeps_its_line_and_gets_a_reason(
    line: str, reason: str
) -> None:
    found = parse_failed_request(line)
    assert (found.line, found.series) == (line, None)
    assert reason in found.unsupported


def test_a_line_cannot_play_with_the_terminal() -> None:
    assert parse_failed_request("custom/\x1b[2Jspy.csv").line == "custom/�[2Jspy.csv"
