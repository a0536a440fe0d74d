"""What a data folder holds of a series, and since when."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from attrs import Factory, define, frozen

from leanfeed.errors import ConfigurationError, DamagedFileError
from leanfeed.lean import paths
from leanfeed.ledger import Entry
from leanfeed.values import Hours, Series, Session

__all__ = ["Found", "OnDisk", "look"]


@frozen
class Found:
    """One session that is on disk."""

    #: When it was stored, UTC epoch milliseconds.
    at: int
    hours: Hours = Hours.EXTENDED


@define
class OnDisk:
    """The sessions of one series that are there, and its files that cannot be read."""

    sessions: dict[Session, Found] = Factory(dict)
    #: Paths relative to the data folder, with the reason.
    damaged: dict[str, str] = Factory(dict)


def look(
    series: Series,
    sessions: Sequence[Session],
    data_folder: Path,
    entries: Mapping[dt.date, Entry],
) -> OnDisk:
    """Look for the sessions of a series.

    A minute or second file that the ledger knows by size and modification time is believed to be
    whole; any other is opened. Hour and daily files are read.

    Raises:
        ConfigurationError: the system refuses to let leanfeed look.
    """
    find = _session_files if series.resolution.is_file_per_session else _shared_file
    try:
        return find(series, sessions, data_folder, entries)
    except OSError as error:
        raise ConfigurationError(
            f"{error.filename or data_folder} cannot be read: {error.strerror}; "
            "check its permissions."
        ) from error


def _session_files(
    series: Series,
    sessions: Sequence[Session],
    data_folder: Path,
    entries: Mapping[dt.date, Entry],
) -> OnDisk:
    on_disk = OnDisk()
    folder = data_folder / paths.series_folder(series)
    ending = f"_{series.tick_type}.zip"
    try:
        listing = os.scandir(folder)
    except FileNotFoundError:
        return on_disk
    by_day = _by_day(tuple(sessions))
    with listing:
        for file in listing:
            session = by_day.get(file.name[:8])
            if session is not None and file.name[8:] == ending:
                with contextlib.suppress(FileNotFoundError):  # removed meanwhile
                    _look_at(file, series, session, entries.get(session.date), on_disk)
    by_folder = paths.series_folder(series).as_posix()
    on_disk.damaged = {f"{by_folder}/{name}": why for name, why in on_disk.damaged.items()}
    return on_disk


def _look_at(
    file: os.DirEntry[str],
    series: Series,
    session: Session,
    entry: Entry | None,
    on_disk: OnDisk,
) -> None:
    stat = file.stat()
    if entry is not None and entry.matches(stat):
        on_disk.sessions[session] = Found(entry.affirmed_at, entry.hours)
        return
    from leanfeed.lean.reader import check_file  # late: it brings numpy

    try:
        check_file(Path(file.path), series)
        on_disk.sessions[session] = Found(stat.st_mtime_ns // 1_000_000)
    except DamagedFileError as error:
        on_disk.damaged[file.name] = str(error)


def _shared_file(
    series: Series,
    sessions: Sequence[Session],
    data_folder: Path,
    entries: Mapping[dt.date, Entry],
) -> OnDisk:
    path = data_folder / paths.zip_path(series)
    try:
        mtime = path.stat().st_mtime_ns // 1_000_000
    except FileNotFoundError:
        return OnDisk()
    from leanfeed.lean.reader import session_dates  # late: it brings numpy

    try:
        dates = session_dates(path)
    except DamagedFileError as error:
        return OnDisk(damaged={paths.zip_path(series).as_posix(): str(error)})
    return OnDisk(
        {
            session: Found(entries[session.date].affirmed_at if session.date in entries else mtime)
            for session in sessions
            if session.date in dates
        }
    )


@lru_cache(maxsize=16)
def _by_day(sessions: tuple[Session, ...]) -> dict[str, Session]:
    """Sessions by date as file names spell it; series of one market share them."""
    return {f"{session.date:%Y%m%d}": session for session in sessions}
