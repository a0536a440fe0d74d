"""Files of a data folder as bars."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from leanfeed.bars import Bars, QuoteBars
from leanfeed.errors import DamagedFileError
from leanfeed.lean.chains import chain_of, contract_texts, sound_texts
from leanfeed.lean.lines import normalised, parse_bars, sound_rows
from leanfeed.lean.local_time import midnight
from leanfeed.lean.market_hours import market_hours, zone
from leanfeed.lean.paths import parse_path, series_folder, zip_path
from leanfeed.lean.zips import entry_text
from leanfeed.options import ChainBars
from leanfeed.values import Resolution, Series, TickType

__all__ = ["check_file", "read_file", "read_series", "session_dates", "stored_files"]

_ANY_DAY = dt.date(2000, 1, 1)
_TRADE_COMMAS = 5
_ONE_DAY = dt.timedelta(days=1)
_EARLIEST, _LATEST = -(2**63), 2**63 - 1


def read_file(
    path: str | os.PathLike[str],
    *,
    series: Series | None = None,
    time_zone: str | None = None,
) -> Bars | QuoteBars | ChainBars:
    """The bars in one zip, ascending; of equal time stamps the last row.

    Those of options come contract by contract, as a :class:`~leanfeed.ChainBars`.

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
    texts = {} if not series.is_chain else dict(contract_texts(path, series, day))
    text = b"" if series.is_chain else entry_text(path)
    try:
        if series.is_chain:
            return chain_of(texts, series, time_zone, day)
        return _ascending(parse_bars(text, series, time_zone, day=day))
    except DamagedFileError as error:
        raise DamagedFileError(f"{path}: {error}") from error


def read_series(
    data_folder: str | os.PathLike[str],
    series: Series,
    *,
    start: dt.date | None = None,
    end: dt.date | None = None,
) -> Bars | QuoteBars | ChainBars:
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
    make: Any = QuoteBars if series.tick_type is TickType.QUOTE else Bars
    if series.is_chain:
        make = ChainBars
    files = stored_files(data_folder, series)
    first, last = start or dt.date.min, end or dt.date.max
    bars: Bars | QuoteBars | ChainBars = make.concat(
        [
            read_file(path, series=series, time_zone=time_zone)
            for path, days in files.items()
            if days[0] <= last and first <= days[1]
        ]
    )
    if series.resolution.is_file_per_session:
        return bars
    tz = zone(time_zone)
    return bars.between(
        midnight(start, tz) if start else _EARLIEST,
        midnight(end + _ONE_DAY, tz) if end else _LATEST,
    )


def stored_files(data_folder: Path, series: Series) -> dict[Path, tuple[dt.date, dt.date]]:
    """The zips of a series that are there, oldest first, with the first and last day of each."""
    if not series.resolution.is_file_per_session and not series.is_chain:
        path = data_folder / zip_path(series)
        return {path: (dt.date.min, dt.date.max)} if path.exists() else {}
    name = zip_path(series, _ANY_DAY).name
    digits = 8 if series.resolution.is_file_per_session else 4
    start, end = name.split(f"{_ANY_DAY:%Y%m%d}"[:digits])
    found = {}
    for path in sorted((data_folder / series_folder(series)).glob(start + "[0-9]" * digits + end)):
        text = path.name[len(start) :][:digits]
        if digits == 8:
            found[path] = (_date(path, text),) * 2
        elif int(text):
            found[path] = (dt.date(int(text), 1, 1), dt.date(int(text), 12, 31))
    return found


def session_dates(path: Path, series: Series | None = None) -> set[dt.date]:
    """The dates that have a row in an hour or daily zip, in the data time zone.

    Much faster than reading the bars: lines are checked, but no number is converted.

    Args:
        path: the zip.
        series: what it holds; needed for options.

    Raises:
        DamagedFileError: the zip cannot be read, or LEAN would misread a line of it.
    """
    if series is not None and series.is_chain:
        texts = sound_texts(path, series)
        return _dates({row[:8] for _, text in texts for row in normalised(text).split(b"\n")})
    text = entry_text(path)
    first_line = text.partition(b"\n")[0]
    tick_type = TickType.QUOTE if first_line.count(b",") > _TRADE_COMMAS else TickType.TRADE
    try:
        rows = sound_rows(text, Resolution.DAILY, tick_type)
    except DamagedFileError as error:
        raise DamagedFileError(f"{path}: {error}") from error
    return _dates({row[:8] for row in rows})


def _dates(texts: Iterable[bytes]) -> set[dt.date]:
    dates = set()
    for text in texts:
        with contextlib.suppress(ValueError):  # LEAN passes over a row with an impossible date
            dates.add(dt.date.fromisoformat(text.decode()))
    return dates


def check_file(path: Path, series: Series) -> None:
    """Make sure that LEAN reads bars of the series from a zip, and not something else.

    Raises:
        OSError: the system refuses the file, or there is none.
        DamagedFileError: the zip cannot be read, holds nothing, or LEAN would misread a line of it.
    """
    if series.is_chain:
        day = _day(path) if series.resolution.is_file_per_session else None
        for _ in sound_texts(path, series, day):
            pass
        return
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
