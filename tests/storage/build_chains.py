"""Small builders for the tests of options."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Mapping
from pathlib import Path

from leanfeed import (
    ChainBars,
    Delivery,
    OptionContract,
    Resolution,
    SecurityType,
    Series,
    Symbol,
)
from leanfeed.lean.market_hours import market_hours
from tests import build

AAPL = Symbol("AAPL", SecurityType.OPTION)
#: The last two of 2023 and the first of 2024.
SESSIONS = market_hours(AAPL).sessions(dt.date(2023, 12, 28), dt.date(2024, 1, 31))
MINUTE = "option/usa/minute/aapl/20231228_trade_american.zip"
YEAR = "option/usa/daily/aapl_2024_trade_american.zip"
YEAR_BEFORE = "option/usa/daily/aapl_2023_trade_american.zip"
EXPIRY = dt.date(2024, 3, 15)


def contract(strike: float, right: str = "call") -> OptionContract:
    return OptionContract(EXPIRY, right, strike)


def name(strike: int) -> str:
    """Of a call's entry in the zip of a year."""
    return f"aapl_trade_american_call_{strike}0000_20240315.csv"


def chain(
    number: int = 0,
    resolution: str = "minute",
    *,
    strikes: tuple[float, ...] = (100, 110),
    count: int = 3,
    price: float = 5.0,
) -> Delivery:
    """One session's bars of calls; none when there are no strikes."""
    session = SESSIONS[number]
    bars = ChainBars.joined(
        (contract(strike), build.bars(session, resolution, count=count, price=price))
        for strike in strikes
    )
    return Delivery(Series(AAPL, Resolution(resolution)), session, bars, "r-1", "memory")


def texts(path: Path) -> dict[str, str]:
    """Every entry of a sound zip, in its order."""
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name).decode() for name in archive.namelist()}


def put_texts(
    path: Path, entries: Mapping[str, str], *, compression: int = zipfile.ZIP_DEFLATED
) -> bytes:
    """A zip of another program with these entries; returns its bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", compression, compresslevel=9) as archive:
        for name, text in entries.items():
            archive.writestr(name, text)
    return path.read_bytes()
