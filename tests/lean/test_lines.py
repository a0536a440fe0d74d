"""Lines: LEAN's text to the last character, there and back."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pytest
from hypothesis import assume, given, strategies as st

from leanfeed.bars import Bars, QuoteBars
from leanfeed.errors import ContractError, DamagedFileError, InvalidRequestError
from leanfeed.lean.lines import format_bars, parse_bars
from leanfeed.lean.local_time import instants, local_times
from leanfeed.lean.market_hours import zone
from leanfeed.testing import strategies
from leanfeed.values import Resolution, SecurityType, Series, Session, Symbol, TickType

TRADE, QUOTE = TickType
NEW_YORK = "America/New_York"
SPY = Symbol("SPY")
OPTION = Symbol("SPY", SecurityType.OPTION)
BTCUSD = Symbol("BTCUSD", SecurityType.CRYPTO, "coinbase")
MINUTES = Series(SPY, Resolution.MINUTE)

#: Days with a change of the clocks, in markets that trade through it, and a usual one.
DST_DAYS = [
    (NEW_YORK, dt.date(2024, 3, 10)),
    (NEW_YORK, dt.date(2024, 11, 3)),
    (NEW_YORK, dt.date(2024, 7, 1)),
    ("Europe/Berlin", dt.date(2024, 3, 31)),
    ("Australia/Lord_Howe", dt.date(2024, 4, 7)),
    ("Australia/Lord_Howe", dt.date(2024, 10, 6)),
    ("America/Sao_Paulo", dt.date(2018, 11, 4)),
    ("Asia/Kolkata", dt.date(2024, 3, 10)),
    ("UTC-05", dt.date(2024, 3, 10)),
    ("UTC", dt.date(2024, 3, 10)),
]


def at(text: str, time_zone: str = NEW_YORK) -> int:
    return round(dt.datetime.fromisoformat(text).replace(tzinfo=zone(time_zone)).timestamp() * 1e3)


def trade(*rows: tuple[float, ...]) -> Bars:
    return Bars(*np.array(rows, dtype=object).T)


def quote(*rows: tuple[float, ...]) -> QuoteBars:
    return QuoteBars(*np.array(rows, dtype=object).T)


@pytest.mark.parametrize(
    ("symbol", "resolution", "expected"),
    [
        (SPY, Resolution.MINUTE, b"34200000,10000,40000,10000,30000,5"),
        (SPY, Resolution.SECOND, b"34200000,10000,40000,10000,30000,5"),
        (SPY, Resolution.HOUR, b"20160218 09:30,10000,40000,10000,30000,5"),
        (OPTION, Resolution.MINUTE, b"34200000,10000,40000,10000,30000,5"),
        (BTCUSD, Resolution.MINUTE, b"34200000,1,4,1,3,5"),
        (BTCUSD, Resolution.DAILY, b"20160218 09:30,1,4,1,3,5"),
    ],
)
def test_lean_vectors_of_trade_bars(
    symbol: Symbol, resolution: Resolution, expected: bytes
) -> None:
    bars = trade((at("2016-02-18T09:30"), 1, 4, 1, 3, 5))
    assert format_bars(bars, Series(symbol, resolution), NEW_YORK) == expected


@pytest.mark.parametrize(
    ("symbol", "expected"),
    [
        (OPTION, b"34200000,,,,,0,60000,70000,80000,90000,10"),
        (BTCUSD, b"34200000,,,,,0,6,7,8,9,10"),
    ],
)
def test_lean_vectors_of_quote_bars(symbol: Symbol, expected: bytes) -> None:
    bars = quote((at("2016-02-18T09:30"), *[math.nan] * 4, 0, 6, 7, 8, 9, 10))
    series = Series(symbol, Resolution.MINUTE, QUOTE)
    assert format_bars(bars, series, NEW_YORK) == expected


def _data_session(time_zone: str, day: dt.date) -> st.SearchStrategy[Session]:
    return strategies.sessions(time_zone=time_zone, dates=st.just(day), extended=(0, 24))


@pytest.mark.parametrize("resolution", list(Resolution))
@given(
    symbol=st.sampled_from([SPY, BTCUSD]),
    where=st.sampled_from(DST_DAYS),
    is_quote=st.booleans(),
    data=st.data(),
)
def test_what_is_written_is_read_back(
    resolution: Resolution,
    symbol: Symbol,
    where: tuple[str, dt.date],
    is_quote: bool,
    data: st.DataObject,
) -> None:
    time_zone, day = where
    session = data.draw(_data_session(time_zone, day))
    make = strategies.quote_bars if is_quote else strategies.bars
    price = strategies.prices(decimals=6)
    bars = data.draw(make(session, resolution, price=price, max_size=5))
    # The first pass of an hour that is shown twice cannot be told from the second in LEAN's text.
    clock = zone(time_zone)
    assume((instants(local_times(bars.time, clock), clock) == bars.time).all())
    series = Series(symbol, resolution, QUOTE if is_quote else TRADE)

    text = format_bars(bars, series, time_zone)

    assert parse_bars(text, series, time_zone, day=day) == bars
    crlf = b"\xef\xbb\xbf" + text.replace(b"\n", b"\r\n") + b"\r\n" if text else b""
    assert parse_bars(crlf, series, time_zone, day=day) == bars


def test_the_clock_of_a_spring_day() -> None:
    bars = trade(*((at(f"2024-03-10T{t}"), 1, 1, 1, 1, 1) for t in ("01:59", "03:00", "20:00")))
    rows = format_bars(bars, MINUTES, NEW_YORK).split(b"\n")
    assert [int(row.partition(b",")[0]) / 60_000 for row in rows] == [119, 180, 1200]


def test_a_time_shown_twice_is_the_later_one_and_a_skipped_one_the_change() -> None:
    row = b",10000,10000,10000,10000,1"
    autumn, spring = dt.date(2024, 11, 3), dt.date(2024, 3, 10)
    text = b"5400000" + row + b"\n9000000" + row

    twice, _ = parse_bars(text, MINUTES, NEW_YORK, day=autumn).time.tolist()
    _, skipped = parse_bars(text, MINUTES, NEW_YORK, day=spring).time.tolist()

    assert dt.datetime.fromtimestamp(twice / 1e3, dt.UTC).isoformat() == "2024-11-03T06:30:00+00:00"
    assert skipped == at("2024-03-10T03:00")


def test_bars_of_two_days_do_not_share_a_file() -> None:
    bars = trade(*((at(f"2024-03-{day}T10:00"), 1, 1, 1, 1, 1) for day in (11, 12)))
    with pytest.raises(ContractError, match="several days"):
        format_bars(bars, MINUTES, NEW_YORK)


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("column", range(1, 6))
def test_a_trade_bar_without_a_number_is_refused(number: float, column: int) -> None:
    row = [at("2016-02-18T09:30"), 1, 1, 1, 1, 1]
    row[column] = number
    with pytest.raises(ContractError, match=r"bar at 2016-02-18T14:30:00\.000Z lacks"):
        format_bars(trade(tuple(row)), MINUTES, NEW_YORK)


@pytest.mark.parametrize("missing", [(1,), (1, 2, 3), (5,), (10,), (1, 2, 3, 4, 5)])
def test_half_a_side_of_a_quote_is_refused(missing: tuple[int, ...]) -> None:
    row = [at("2016-02-18T09:30"), *[1.0] * 10]
    for column in missing:
        row[column] = math.nan
    series = Series(SPY, Resolution.MINUTE, QUOTE)
    with pytest.raises(ContractError, match="lacks a price or a size"):
        format_bars(quote(tuple(row)), series, NEW_YORK)


@pytest.mark.parametrize(("bars", "tick_type"), [(Bars.empty(), QUOTE), (QuoteBars.empty(), TRADE)])
def test_trades_are_not_quotes(bars: Bars | QuoteBars, tick_type: TickType) -> None:
    with pytest.raises(ContractError, match="cannot be stored"):
        format_bars(bars, Series(SPY, Resolution.MINUTE, tick_type), NEW_YORK)


SOUND = b"34200000,10000,20000,10000,20000,5"


@pytest.mark.parametrize(
    "row",
    [
        b"",
        b"34200000,10000,20000,10000,20000",
        SOUND + b",",
        SOUND + b",1",
        SOUND + b" ",
        b" " + SOUND,
        b"34200000.0,10000,20000,10000,20000,5",
        b"86400000,10000,20000,10000,20000,5",
        b"-1,10000,20000,10000,20000,5",
        b"34200000,1E-05,20000,10000,20000,5",
        b"34200000,NaN,20000,10000,20000,5",
        b"34200000,+7,20000,10000,20000,5",
        b"34200000,,20000,10000,20000,5",
        b"34200000,1_0,20000,10000,20000,5",
        b"34200000,1234567890123456789,20000,10000,20000,5",
        b"20160218 09:30,10000,20000,10000,20000,5",
        b"time,open,high,low,close,volume",
        SOUND.replace(b"5", "٥".encode()),
    ],
)
@pytest.mark.parametrize("before", [0, 3])
def test_a_line_that_lean_would_misread_is_named(row: bytes, before: int) -> None:
    text = b"\n".join([SOUND] * before + [row, SOUND])
    with pytest.raises(DamagedFileError, match=f"misread line {before + 1}:"):
        parse_bars(text, MINUTES, NEW_YORK, day=dt.date(2016, 2, 18))


@pytest.mark.parametrize("stamp", [b"20160230 00:00", b"20160218 24:00", b"20160218", b"34200000"])
def test_a_stamp_that_is_no_time_is_named(stamp: bytes) -> None:
    text = b"20160218 00:00,1,1,1,1,1\n" + stamp + b",1,1,1,1,1"
    with pytest.raises(DamagedFileError, match="misread line 2:"):
        parse_bars(text, Series(SPY, Resolution.DAILY), NEW_YORK)


def test_a_blank_line_at_the_end_is_named() -> None:
    with pytest.raises(DamagedFileError, match="misread line 2:"):
        parse_bars(SOUND + b"\n\n", MINUTES, NEW_YORK, day=dt.date(2016, 2, 18))


def test_a_file_of_one_day_needs_the_day() -> None:
    with pytest.raises(InvalidRequestError, match="say which"):
        parse_bars(SOUND, MINUTES, NEW_YORK)
