"""Where files lie, with the expectations of LEAN's own LeanDataTests."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest

from leanfeed import lean
from leanfeed.errors import DamagedFileError, InvalidRequestError
from leanfeed.lean import paths
from leanfeed.lean.paths import entry_name, parse_path, series_folder, zip_path
from leanfeed.values import Resolution, SecurityType, Series, Symbol, TickType

DAY = dt.date(2016, 2, 17)
SPY = Symbol("SPY")
SPX = Symbol("SPX", SecurityType.INDEX)
EURUSD = Symbol("EURUSD", SecurityType.FOREX, "oanda")
BUND = Symbol("DE10YBEUR", SecurityType.CFD, "oanda")
BTCUSD = Symbol("BTCUSD", SecurityType.CRYPTO, "coinbase")
PERP = Symbol("BTCUSDT", SecurityType.CRYPTO_FUTURE, "binance")
TRADE, QUOTE = TickType
SECOND, MINUTE, HOUR, DAILY = Resolution

VECTORS = [
    (SPY, SECOND, TRADE, "equity/usa/second/spy/20160217_trade.zip", "20160217_spy_second_trade"),
    (SPY, MINUTE, TRADE, "equity/usa/minute/spy/20160217_trade.zip", "20160217_spy_minute_trade"),
    (SPY, MINUTE, QUOTE, "equity/usa/minute/spy/20160217_quote.zip", "20160217_spy_minute_quote"),
    (SPY, HOUR, TRADE, "equity/usa/hour/spy.zip", "spy"),
    (SPY, DAILY, TRADE, "equity/usa/daily/spy.zip", "spy"),
    (Symbol("BRK.B"), DAILY, TRADE, "equity/usa/daily/brk.b.zip", "brk.b"),
    (
        Symbol("BRK.B"),
        MINUTE,
        TRADE,
        "equity/usa/minute/brk.b/20160217_trade.zip",
        "20160217_brk.b_minute_trade",
    ),
    (SPX, MINUTE, TRADE, "index/usa/minute/spx/20160217_trade.zip", "20160217_spx_minute_trade"),
    (SPX, HOUR, TRADE, "index/usa/hour/spx.zip", "spx"),
    (
        EURUSD,
        MINUTE,
        QUOTE,
        "forex/oanda/minute/eurusd/20160217_quote.zip",
        "20160217_eurusd_minute_quote",
    ),
    (EURUSD, DAILY, QUOTE, "forex/oanda/daily/eurusd.zip", "eurusd"),
    (
        BUND,
        SECOND,
        QUOTE,
        "cfd/oanda/second/de10ybeur/20160217_quote.zip",
        "20160217_de10ybeur_second_quote",
    ),
    (BUND, HOUR, QUOTE, "cfd/oanda/hour/de10ybeur.zip", "de10ybeur"),
    (
        BTCUSD,
        MINUTE,
        TRADE,
        "crypto/coinbase/minute/btcusd/20160217_trade.zip",
        "20160217_btcusd_minute_trade",
    ),
    (BTCUSD, DAILY, TRADE, "crypto/coinbase/daily/btcusd_trade.zip", "btcusd"),
    (BTCUSD, HOUR, QUOTE, "crypto/coinbase/hour/btcusd_quote.zip", "btcusd"),
    (
        PERP,
        MINUTE,
        TRADE,
        "cryptofuture/binance/minute/btcusdt/20160217_trade.zip",
        "20160217_btcusdt_minute_trade_perp",
    ),
    (
        PERP,
        DAILY,
        TRADE,
        "cryptofuture/binance/daily/btcusdt_trade.zip",
        "btcusdt_trade_perp",
    ),
]


@pytest.mark.parametrize(("symbol", "resolution", "tick_type", "path", "entry"), VECTORS)
def test_names(
    symbol: Symbol, resolution: Resolution, tick_type: TickType, path: str, entry: str
) -> None:
    series = Series(symbol, resolution, tick_type)
    day = DAY if resolution.is_file_per_session else None

    assert zip_path(series, DAY) == PurePosixPath(path)
    assert series_folder(series) == PurePosixPath(path).parent
    assert entry_name(series, DAY) == f"{entry}.csv"
    assert parse_path(PurePosixPath("/anywhere/Data", path)) == (series, day)
    assert parse_path(PureWindowsPath("C:/Data", path)) == (series, day)


@pytest.mark.parametrize(
    ("ticker", "resolution", "path"),
    [
        ("PRN", MINUTE, "equity/usa/minute/@prn/20160217_trade.zip"),
        ("CON", DAILY, "equity/usa/daily/@con.zip"),
        ("COM1.A", HOUR, "equity/usa/hour/@com1.a.zip"),
        ("CONN", DAILY, "equity/usa/daily/conn.zip"),
    ],
)
def test_reserved_names_are_marked_on_windows_only(
    ticker: str, resolution: Resolution, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    series = Series(Symbol(ticker), resolution)
    monkeypatch.setattr(paths, "_IS_WINDOWS", False)
    assert zip_path(series, DAY) == PurePosixPath(path.replace("@", ""))

    monkeypatch.setattr(paths, "_IS_WINDOWS", True)
    assert zip_path(series, DAY) == PurePosixPath(path)
    assert "@" not in entry_name(series, DAY)
    assert parse_path(PurePosixPath(path))[0] == series


@pytest.mark.parametrize(
    ("series", "advice"),
    [
        (Series(SPY, DAILY, QUOTE), "use minute or second bars"),
        (Series(SPY, HOUR, QUOTE), "use minute or second bars"),
        (Series(EURUSD, MINUTE, TRADE), "use quote bars"),
        (Series(SPX, MINUTE, QUOTE), "use trade bars"),
        (
            Series(Symbol("SPY", SecurityType.OPTION), MINUTE, QUOTE),
            "leanfeed stores no quote bars",
        ),
        (
            Series(Symbol("ES", SecurityType.FUTURE, "cme"), DAILY),
            "use one of equity, option, index",
        ),
    ],
)
def test_what_lean_does_not_store_is_refused(series: Series, advice: str) -> None:
    for name in (zip_path, entry_name):
        with pytest.raises(InvalidRequestError, match=advice):
            name(series, DAY)
    with pytest.raises(InvalidRequestError, match=advice):
        series_folder(series)


def test_a_file_of_one_day_needs_the_day() -> None:
    for name in (zip_path, entry_name):
        with pytest.raises(InvalidRequestError, match="say which day"):
            name(Series(SPY, MINUTE))


def test_a_ticker_may_be_called_like_a_resolution() -> None:
    series = Series(Symbol("DAILY"), MINUTE)
    assert parse_path(zip_path(series, DAY)) == (series, DAY)


@pytest.mark.parametrize(
    "path",
    [
        "spy.zip",
        "equity/usa/daily/spy.csv",
        "equity/usa/weekly/spy.zip",
        "equity/usa/minute/spy.zip",
        "equity/usa/minute/spy/20160230_trade.zip",
        "equity/usa/minute/spy/2016217_trade.zip",
        "equity/usa/minute/spy/20160217_ticks.zip",
        "equity/usa/minute/s_y/20160217_trade.zip",
        "equity/usa/daily/spy_trade.zip",
        "crypto/coinbase/daily/btcusd.zip",
        "forex/oanda/minute/eurusd/20160217_trade.zip",
        "option/usa/minute/spy/20160217_quote_american.zip",
        "shares/usa/daily/spy.zip",
    ],
)
def test_other_paths_are_refused(path: str) -> None:
    with pytest.raises(DamagedFileError, match="does not lie where LEAN keeps bars"):
        parse_path(PurePosixPath(path))


def test_every_public_name_is_there() -> None:
    for name in lean.__all__:
        assert getattr(lean, name).__name__ == name
    assert set(lean.__all__) <= set(dir(lean))
    with pytest.raises(AttributeError):
        lean.nothing  # noqa: B018


def test_names_need_no_numpy() -> None:
    code = "import leanfeed.lean.paths, sys; sys.exit('numpy' in sys.modules)"
    folder = Path(paths.__file__).parents[2]
    assert subprocess.run([sys.executable, "-c", code], cwd=folder, check=False).returncode == 0
