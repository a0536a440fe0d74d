"""Where LEAN keeps a series: the names of folders, zips and the entries inside them."""

from __future__ import annotations

import datetime as dt
import os
import re
from pathlib import PurePath, PurePosixPath

from leanfeed.errors import DamagedFileError, InvalidRequestError
from leanfeed.values import Resolution, SecurityType, Series, Symbol, TickType

__all__ = ["entry_name", "parse_path", "series_folder", "zip_path"]

#: What LEAN stores of each security type. Option and future files are named after a contract.
_TICK_TYPES = {
    SecurityType.EQUITY: (TickType.TRADE, TickType.QUOTE),
    SecurityType.INDEX: (TickType.TRADE,),
    SecurityType.FOREX: (TickType.QUOTE,),
    SecurityType.CFD: (TickType.QUOTE,),
    SecurityType.CRYPTO: (TickType.TRADE, TickType.QUOTE),
    SecurityType.CRYPTO_FUTURE: (TickType.TRADE, TickType.QUOTE),
}
#: Their hour and daily zips say which tick type they hold; all others hold the first one above.
_TICK_TYPE_IN_NAME = (SecurityType.CRYPTO, SecurityType.CRYPTO_FUTURE)

#: Names that Windows keeps for devices. LEAN puts an @ before them there, and only there
#: (Common/FileExtension.cs).
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?")
_IS_WINDOWS = os.name == "nt"


def zip_path(series: Series, day: dt.date | None = None) -> PurePosixPath:
    """The zip that holds the series, relative to the data folder.

    Args:
        series: what is stored.
        day: the trading day in the data time zone; needed at minute and second resolution, where
            each day has its own zip, and without effect at hour and daily resolution.

    Raises:
        InvalidRequestError: LEAN has no such file, or `day` is missing.
    """
    symbol = series.symbol
    if series.resolution.is_file_per_session:
        name = f"{_day_text(series, day)}_{series.tick_type}.zip"
    elif symbol.security_type in _TICK_TYPE_IN_NAME:
        name = f"{symbol.file_ticker}_{series.tick_type}.zip"
    else:
        name = f"{symbol.file_ticker}.zip"
    return series_folder(series) / _safe(name)


def series_folder(series: Series) -> PurePosixPath:
    """The folder with the zip or zips of the series, relative to the data folder.

    Hour and daily zips of all symbols of a market share one folder.

    Raises:
        InvalidRequestError: LEAN has no such files.
    """
    _check(series)
    symbol = series.symbol
    parts = [symbol.security_type, symbol.market.lower(), series.resolution]
    if series.resolution.is_file_per_session:
        parts.append(_safe(symbol.file_ticker))
    return PurePosixPath(*parts)


def entry_name(series: Series, day: dt.date | None = None) -> str:
    """The name of the one entry inside :func:`zip_path`.

    Raises:
        InvalidRequestError: LEAN has no such file, or `day` is missing.
    """
    _check(series)
    is_future = series.symbol.security_type is SecurityType.CRYPTO_FUTURE
    parts = [series.symbol.file_ticker]
    if series.resolution.is_file_per_session:
        parts = [_day_text(series, day), *parts, series.resolution, series.tick_type]
    elif is_future:
        parts.append(series.tick_type)
    if is_future:
        parts.append("perp")
    return "_".join(parts) + ".csv"


def parse_path(path: PurePath) -> tuple[Series, dt.date | None]:
    """The series and the day whose zip is at `path`, of which only the tail is looked at.

    The day is None for hour and daily zips. Files are lower case, so a ticker with lower-case
    letters, such as ``AAMpA``, comes back in upper case.

    Raises:
        DamagedFileError: no series that leanfeed knows has its zip there.
    """
    parts = [part.lower().removeprefix("@") for part in path.parts]
    try:
        if parts[-3:-2] in (["minute"], ["second"]):
            kind, market, resolution, ticker, name = parts[-5:]
            day_text, _, tick_type = _stem(name).partition("_")
            day = _parse_day(day_text)
        else:
            kind, market, resolution, name = parts[-4:]
            ticker, tick_type, day = _stem(name), "", None
            if kind in _TICK_TYPE_IN_NAME:
                ticker, _, tick_type = ticker.rpartition("_")
        if Resolution(resolution).is_file_per_session is (day is None):
            raise ValueError(resolution)
        security_type = SecurityType(kind)
        symbol = Symbol(ticker, security_type, market)
        series = Series(symbol, Resolution(resolution), _parse_tick_type(tick_type, security_type))
        _check(series)
    except ValueError as error:
        raise DamagedFileError(
            f"{path} does not lie where LEAN keeps bars: a path such as "
            "equity/usa/daily/spy.zip or equity/usa/minute/spy/20240102_trade.zip is needed."
        ) from error
    return series, day


def _check(series: Series) -> None:
    kind = series.symbol.security_type
    if kind not in _TICK_TYPES:
        raise InvalidRequestError(
            f"leanfeed cannot name {kind} files yet: use one of {', '.join(_TICK_TYPES)}."
        )
    if series.tick_type not in _TICK_TYPES[kind]:
        raise InvalidRequestError(
            f"LEAN stores no {series.tick_type} bars of type {kind}: "
            f"use {_TICK_TYPES[kind][0]} bars."
        )
    is_quote = series.tick_type is TickType.QUOTE
    if kind is SecurityType.EQUITY and is_quote and not series.resolution.is_file_per_session:
        # LeanData.IsValidConfiguration: they would share the file of the trade bars.
        raise InvalidRequestError(
            f"LEAN stores no {series.resolution} quote bars of equities: use minute or second bars."
        )


def _safe(name: str) -> str:
    return f"@{name}" if _IS_WINDOWS and _RESERVED.fullmatch(name) else name


def _day_text(series: Series, day: dt.date | None) -> str:
    if day is None:
        raise InvalidRequestError(
            f"LEAN keeps one {series.resolution} file per trading day: say which day."
        )
    return f"{day:%Y%m%d}"


def _stem(name: str) -> str:
    if not name.endswith(".zip"):
        raise ValueError(name)
    return name.removesuffix(".zip")


def _parse_day(text: str) -> dt.date:
    if not re.fullmatch("[0-9]{8}", text):
        raise ValueError(text)
    return dt.date.fromisoformat(text)


def _parse_tick_type(text: str, security_type: SecurityType) -> TickType:
    return TickType(text) if text else _TICK_TYPES.get(security_type, (TickType.TRADE,))[0]
