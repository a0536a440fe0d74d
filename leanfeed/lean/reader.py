"""Files of a data folder as bars."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
from pathlib import Path
from typing import Any

import numpy as np

from leanfeed.bars import Bars, QuoteBars
from leanfeed.errors import DamagedFileError
from leanfeed.lean.lines import parse_bars, sound_rows
from leanfeed.lean.local_time import midnight
from leanfeed.lean.market_hours import market_hours, zone
from leanfeed.lean.paths import parse_path, series_folder, zip_path
from leanfeed.lean.zips import entry_text
from leanfeed.values import Resolution, Series, TickType

__all__ = ["check_file", "read_file", "read_series", "session_dates"]

_TRADE_COMMAS = 5
_ONE_DAY = dt.timedelta(days=1)
_EARLIEST, _LATEST = -(2**63), 2**63 - 1


def read_file(
    path: str | os.PathLike[str],
    *,
    series: Series | None = None,
    time_zone: str | None = None,
) -> Bars | QuoteBars:
    """The bars in one zip, ascending; of equal time stamps the last row.

    Args:
        path: a zip, at its place in a data folder unless both other arguments are given; its name
            starts with the date at minute and second resolution.
        series: what it holds; the path says so when this is left out.
        time_zone: the data time zone; the market's hours say so when this is left out.

    Raises:
        OSError: the system refuses the file, or there is none.
        DamagedFileError: it cannot be read as LEAN data, or lies where LEAN keeps no bars.
        ConfigurationError: the market's hours are not known.
    """
    path = Path(path)
    series = series or parse_path(path)[0]
    if time_zone is None:
        folders = list(path.absolute().parents)
        depth = 4 if series.resolution.is_file_per_session else 3
        folder = folders[depth] if depth < len(folders) else None
        time_zone = market_hours(series.symbol, folder).data_time_zone
    day = _day(path) if series.resolution.is_file_per_session else None
    text = entry_text(path)
    try:
        return _ascending(parse_bars(text, series, time_zone, day=day))
    except DamagedFileError as error:
        raise DamagedFileError(f"{path}: {error}") from error


def read_series(
    data_folder: str | os.PathLike[str],
    series: Series,
    *,
    start: dt.date | None = None,
    end: dt.date | None = None,
) -> Bars | QuoteBars:
    """The bars of a series, ascending; no bars when the data folder has none.

    Args:
        data_folder: the folder that holds ``equity`` and its siblings.
        series: what to read.
        start: the first trading day, in the data time zone; None for the first on disk.
        end: the last trading day, inclusive; None for the last on disk.

    Raises:
        DamagedFileError: a file cannot be read as LEAN data.
        InvalidRequestError: LEAN has no such files.
        ConfigurationError: the market's hours are not known.
    """
    data_folder = Path(data_folder)
    time_zone = market_hours(series.symbol, data_folder).data_time_zone
    make = QuoteBars if series.tick_type is TickType.QUOTE else Bars
    folder = data_folder / series_folder(series)
    if series.resolution.is_file_per_session:
        first, last = start or dt.date.min, end or dt.date.max
        paths = sorted(folder.glob("[0-9]" * 8 + f"_{series.tick_type}.zip"))
        wanted = [path for path in paths if first <= _day(path) <= last]
        days: list[Any] = [read_file(p, series=series, time_zone=time_zone) for p in wanted]
        return make.concat(days)
    path = folder / zip_path(series).name
    if not path.exists():
        return make.empty()
    bars = read_file(path, series=series, time_zone=time_zone)
    tz = zone(time_zone)
    return bars.between(
        midnight(start, tz) if start else _EARLIEST,
        midnight(end + _ONE_DAY, tz) if end else _LATEST,
    )


def session_dates(path: Path) -> set[dt.date]:
    """The dates that have a row in an hour or daily zip, in the data time zone.

    Much faster than reading the bars: lines are checked, but no number is converted.

    Raises:
        DamagedFileError: the zip cannot be read, or LEAN would misread a line of it.
    """
    text = entry_text(path)
    first_line = text.partition(b"\n")[0]
    tick_type = TickType.QUOTE if first_line.count(b",") > _TRADE_COMMAS else TickType.TRADE
    try:
        rows = sound_rows(text, Resolution.DAILY, tick_type)
    except DamagedFileError as error:
        raise DamagedFileError(f"{path}: {error}") from error
    dates = set()
    for text in {row[:8] for row in rows}:
        with contextlib.suppress(ValueError):  # LEAN passes over a row with an impossible date
            dates.add(dt.date.fromisoformat(text.decode()))
    return dates


def check_file(path: Path, series: Series) -> None:
    """Make sure that LEAN reads bars of the series from a zip, and not something else.

    Raises:
        OSError: the system refuses the file, or there is none.
        DamagedFileError: the zip cannot be read, holds nothing, or LEAN would misread a line of it.
    """
    text = entry_text(path)
    try:
        if not sound_rows(text, series.resolution, series.tick_type):
            raise DamagedFileError("It is empty: fetch it again.")
    except DamagedFileError as error:
        raise DamagedFileError(f"{path}: {error}") from error


def _day(path: Path) -> dt.date:
    return _date(path, path.name[:8])


def _date(path: Path, text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise DamagedFileError(f"{path}: {text} is not a date: fetch the file again.") from error


def _ascending(bars: Bars | QuoteBars) -> Bars | QuoteBars:
    if (np.diff(bars.time) > 0).all():
        return bars
    bars = bars.rows(np.argsort(bars.time, kind="stable"))
    return bars.rows(np.append(np.diff(bars.time) > 0, True))
