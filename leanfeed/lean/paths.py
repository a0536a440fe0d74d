"""Where LEAN keeps a series: the names of folders, zips and the entries inside them."""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import PurePath, PurePosixPath
from typing import TYPE_CHECKING

from leanfeed.errors import DamagedFileError, InvalidRequestError
from leanfeed.values import Resolution, SecurityType, Series, Symbol, TickType

if TYPE_CHECKING:
    from leanfeed.options import OptionContract

__all__ = [
    "entry_name",
    "entry_names",
    "parse_exact_path",
    "parse_path",
    "series_folder",
    "zip_parts",
    "zip_path",
]

#: What leanfeed stores of each security type. Future files are named after a contract.
_TICK_TYPES = {
    SecurityType.EQUITY: (TickType.TRADE, TickType.QUOTE),
    SecurityType.OPTION: (TickType.TRADE,),
    SecurityType.INDEX: (TickType.TRADE,),
    SecurityType.INDEX_OPTION: (TickType.TRADE,),
    SecurityType.FOREX: (TickType.QUOTE,),
    SecurityType.CFD: (TickType.QUOTE,),
    SecurityType.CRYPTO: (TickType.TRADE, TickType.QUOTE),
    SecurityType.CRYPTO_FUTURE: (TickType.TRADE, TickType.QUOTE),
}
#: Their hour and daily zips say which tick type they hold; all others hold the first one above.
_TICK_TYPE_IN_NAME = (SecurityType.CRYPTO, SecurityType.CRYPTO_FUTURE)

#: Names that Windows keeps for devices. LEAN puts an @ before them there, and only there
#: (Common/FileExtension.cs).
_RESERVED = r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?"
_IS_WINDOWS = os.name == "nt"


def zip_path(series: Series, day: dt.date | None = None) -> PurePosixPath:
    """The zip that holds the series, relative to the data folder.

    Args:
        series: what is stored.
        day: a trading day in the data time zone. Needed at minute and second resolution, where
            each day has its own zip, and for options, where each year has one; without effect on
            other hour and daily zips.

    Raises:
        InvalidRequestError: LEAN has no such file, or `day` is missing.
    """
    return PurePosixPath("/".join(zip_parts(series, day)))  # a path at once: joining costs more


def zip_parts(series: Series, day: dt.date | None = None) -> tuple[str, str]:
    """The folder and the name of :func:`zip_path`, for who has thousands to look at.

    Raises:
        InvalidRequestError: LEAN has no such file, or `day` is missing.
    """
    symbol, folder = series.symbol, _folder(series)
    if series.resolution.is_file_per_session:
        parts = [_day_text(series, day), series.tick_type]
    elif series.is_chain:
        parts = [symbol.file_ticker, _day_text(series, day)[:4], series.tick_type]
    elif symbol.security_type in _TICK_TYPE_IN_NAME:
        parts = [symbol.file_ticker, series.tick_type]
    else:
        parts = [symbol.file_ticker]
    if series.is_chain:
        parts.append(_style(symbol.security_type))
    return folder, f"{_safe('_'.join(parts))}.zip"


def series_folder(series: Series) -> PurePosixPath:
    """The folder with the zip or zips of the series, relative to the data folder.

    Hour and daily zips of all symbols of a market share one folder.

    Raises:
        InvalidRequestError: LEAN has no such files.
    """
    return PurePosixPath(_folder(series))


def entry_name(
    series: Series, day: dt.date | None = None, contract: OptionContract | None = None
) -> str:
    """The name of the entry inside :func:`zip_path`: of options that of a contract, else the one.

    Raises:
        InvalidRequestError: LEAN has no such file, or `day` or `contract` is missing.
    """
    if not series.is_chain:
        return f"{_entry_start(series, day)}.csv"
    _check(series)
    if contract is None:
        raise InvalidRequestError(f"Each contract of {series} has its own entry: say which.")
    return next(entry_names(series, day, [contract]))


def entry_names(
    series: Series, day: dt.date | None, contracts: Iterable[OptionContract]
) -> Iterator[str]:
    """The names of the entries of some contracts of a chain, in their order.

    Raises:
        InvalidRequestError: LEAN has no such file, or `day` is missing.
    """
    from leanfeed.lean.contract_names import contract_name  # late: few ask for options

    start = _entry_start(series, day)
    return (f"{start}_{contract_name(contract)}.csv" for contract in contracts)


def _entry_start(series: Series, day: dt.date | None) -> str:
    _check(series)
    is_future = series.symbol.security_type is SecurityType.CRYPTO_FUTURE
    parts = [series.symbol.file_ticker]
    if series.resolution.is_file_per_session:
        parts = [_day_text(series, day), *parts, series.resolution, series.tick_type]
    elif is_future or series.is_chain:
        parts.append(series.tick_type)
    if is_future:
        parts.append("perp")
    return "_".join(parts)


def parse_path(path: PurePath) -> tuple[Series, dt.date | None]:
    """The series and the day whose zip is at `path`, of which only the tail is looked at.

    The day is None for hour and daily zips. Files are lower case, so a ticker with lower-case
    letters, such as ``AAMpA``, comes back in upper case.

    Raises:
        DamagedFileError: no series that leanfeed knows has its zip there.
    """
    series, day, _ = _parsed(path)
    return series, day


def parse_exact_path(path: PurePosixPath) -> tuple[Series, dt.date | None]:
    """As :func:`parse_path`, of a path relative to the data folder under which LEAN looks.

    Raises:
        DamagedFileError: LEAN looks for the zip of this series under another name.
    """
    series, day, named = _parsed(path)
    if zip_path(series, named) != path:
        raise _misplaced(path)
    return series, day


def _parsed(path: PurePath) -> tuple[Series, dt.date | None, dt.date | None]:
    """Series and day, and a day that stands for what the name says of time."""
    parts = [part.lower().removeprefix("@") for part in path.parts]
    year = ""
    try:
        if parts[-3:-2] in (["minute"], ["second"]):
            kind, market, resolution, ticker, name = parts[-5:]
            day_text, _, tick_type = _stem(name, kind).partition("_")
            day = _parse_day(day_text)
        else:
            kind, market, resolution, name = parts[-4:]
            ticker, tick_type, day = _stem(name, kind), "", None
            if _is_chain(kind):
                ticker, year, tick_type = ticker.rsplit("_", 2)
            elif kind in _TICK_TYPE_IN_NAME:
                ticker, _, tick_type = ticker.rpartition("_")
        if Resolution(resolution).is_file_per_session is (day is None):
            raise ValueError(resolution)
        security_type = SecurityType(kind)
        symbol = Symbol(ticker, security_type, market)
        series = Series(symbol, Resolution(resolution), _parse_tick_type(tick_type, security_type))
        _check(series)
        named = _parse_day(f"{year}0101") if year else day
    except ValueError as error:
        raise _misplaced(path) from error
    return series, day, named


def _misplaced(path: PurePath) -> DamagedFileError:
    return DamagedFileError(
        f"{path} does not lie where LEAN keeps bars: a path such as "
        "equity/usa/daily/spy.zip or equity/usa/minute/spy/20240102_trade.zip is needed."
    )


def _folder(series: Series) -> str:
    _check(series)
    symbol = series.symbol
    folder = f"{symbol.security_type}/{symbol.market.lower()}/{series.resolution}"
    if series.resolution.is_file_per_session:
        folder += f"/{_safe(symbol.file_ticker)}"
    return folder


def _check(series: Series) -> None:
    kind = series.symbol.security_type
    if kind not in _TICK_TYPES:
        raise InvalidRequestError(
            f"leanfeed cannot name {kind} files yet: use one of {', '.join(_TICK_TYPES)}."
        )
    if series.tick_type not in _TICK_TYPES[kind]:
        who = "leanfeed" if series.is_chain else "LEAN"
        raise InvalidRequestError(
            f"{who} stores no {series.tick_type} bars of type {kind}: "
            f"use {_TICK_TYPES[kind][0]} bars."
        )
    is_quote = series.tick_type is TickType.QUOTE
    if kind is SecurityType.EQUITY and is_quote and not series.resolution.is_file_per_session:
        # LeanData.IsValidConfiguration: they would share the file of the trade bars.
        raise InvalidRequestError(
            f"LEAN stores no {series.resolution} quote bars of equities: use minute or second bars."
        )


def _is_chain(kind: str) -> bool:
    return kind in (SecurityType.OPTION, SecurityType.INDEX_OPTION)


def _safe(name: str) -> str:
    return f"@{name}" if _IS_WINDOWS and re.fullmatch(_RESERVED, name) else name


def _day_text(series: Series, day: dt.date | None) -> str:
    if day is None:
        span = "trading day" if series.resolution.is_file_per_session else "year"
        raise InvalidRequestError(
            f"LEAN keeps one {series.resolution} file per {span}: say which day."
        )
    return f"{day.year:04}{day.month:02}{day.day:02}"


def _stem(name: str, kind: str) -> str:
    end = f"_{_style(SecurityType(kind))}.zip" if _is_chain(kind) else ".zip"
    if not name.endswith(end):
        raise ValueError(name)
    return name.removesuffix(end)


def _style(kind: SecurityType) -> str:
    from leanfeed.lean.contract_names import style_of  # late, as above

    return style_of(kind)


def _parse_day(text: str) -> dt.date:
    if not re.fullmatch("[0-9]{8}", text):
        raise ValueError(text)
    return dt.date.fromisoformat(text)


def _parse_tick_type(text: str, security_type: SecurityType) -> TickType:
    return TickType(text) if text else _TICK_TYPES.get(security_type, (TickType.TRADE,))[0]
