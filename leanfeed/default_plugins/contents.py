"""What is inside a zip of the data folder."""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path, PurePosixPath

from leanfeed.errors import DamagedFileError
from leanfeed.lean.chains import sound_texts
from leanfeed.lean.lines import sound_rows
from leanfeed.lean.market_hours import MarketHours, market_hours
from leanfeed.lean.reader import read_file, session_dates
from leanfeed.lean.zips import entry_text
from leanfeed.ledger import Digest, Entry
from leanfeed.ledger.chain_digests import of_dates, of_session
from leanfeed.ledger.digests import by_date
from leanfeed.soundness.calendar import Calendar
from leanfeed.soundness.examination import damage, examine
from leanfeed.soundness.file_checks import BarFile
from leanfeed.values import Series, Session

__all__ = ["condemned", "look_into", "look_into_shared", "read_numbers"]


def look_into(path: Path, series: Series, day: dt.date, *, known: Digest | None = None) -> Digest:
    """Open the zip of one session, compare it with its own checksum, and check every line.

    Args:
        path: the zip.
        series: what it should hold.
        day: the session.
        known: a text whose lines were checked before; when it is this one, they are not again.

    Raises:
        OSError: the system refuses the file, or there is none.
        DamagedFileError: it does not hold what it should.
    """
    if series.is_chain:
        return of_session(sound_texts(path, series, day))
    text = entry_text(path)
    crc = zlib.crc32(text)
    if known is not None and known.crc == crc:
        return known
    try:
        rows = sound_rows(text, series.resolution, series.tick_type)
        if not rows:
            raise DamagedFileError("It is empty: fetch it again.")
    except DamagedFileError as error:
        raise DamagedFileError(f"{path}: {error}") from error
    return Digest(len(rows), crc)


def look_into_shared(path: Path, series: Series) -> Mapping[dt.date, Digest]:
    """The sessions in an hour or daily zip, looked at as closely as by :func:`look_into`."""
    if series.is_chain:
        return of_dates(sound_texts(path, series))
    dates = session_dates(path)
    return {date: found for date, found in by_date(entry_text(path)).items() if date in dates}


def read_numbers(path: Path, series: Series, time_zone: str) -> None:
    """Read every row of a zip as LEAN would.

    Raises:
        OSError, DamagedFileError: as for :func:`look_into`.
    """
    read_file(path, series=series, time_zone=time_zone)


def condemned(
    path: PurePosixPath,
    series: Series,
    sessions: Sequence[Session],
    data_folder: Path,
    known: Mapping[dt.date, Entry],
) -> Mapping[dt.date, str]:
    """The days of a zip that an audit calls damaged, each with what is the matter.

    Args:
        path: the zip, relative to the data folder.
        series: what it should hold.
        sessions: those that it should hold; one where it is a zip of its own.
        data_folder: where it lies.
        known: what the ledger knows of the series.
    """
    day = sessions[0].date if series.resolution.is_file_per_session else None
    file = BarFile(path.as_posix(), series, day)
    examine(file, data_folder, _calendar(market_hours(series.symbol, data_folder)), known)
    return {
        date: f"{finding.kind}, {finding.text}"
        for finding in reversed(damage(file))
        for date in finding.dates
    }


@lru_cache(maxsize=8)
def _calendar(hours: MarketHours) -> Calendar:
    return Calendar(hours)
