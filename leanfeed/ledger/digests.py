"""Checksums of the rows of a session: how it is recognised in a file that was moved or merged."""

from __future__ import annotations

import contextlib
import datetime as dt
import zipfile
import zlib
from functools import lru_cache
from itertools import groupby
from pathlib import Path

from leanfeed.errors import DamagedFileError
from leanfeed.lean.chains import contract_texts
from leanfeed.lean.lines import normalised
from leanfeed.lean.plain_zip import HEADER, checksum_in
from leanfeed.lean.zips import entry_text
from leanfeed.ledger.chain_digests import of_dates, of_session
from leanfeed.ledger.entries import Digest
from leanfeed.values import Series

__all__ = ["by_date", "digests_in", "stored_crc"]


def by_date(text: bytes) -> dict[dt.date, Digest]:
    """The sessions in the text of an hour or daily zip whose rows are sound.

    A row with an impossible date belongs to none; LEAN passes over it, too.
    """
    found: dict[dt.date, Digest] = {}
    for day, rows in groupby(normalised(text).split(b"\n"), key=lambda row: row[:8]):
        with contextlib.suppress(ValueError):
            date = dt.date.fromisoformat(day.decode())
            group = list(rows)
            before = found.get(date, Digest(0, 0))
            crc = zlib.crc32(b"\n".join(group), before.crc)
            found[date] = Digest(before.rows + len(group), crc)
    return found


def digests_in(path: Path, series: Series) -> dict[dt.date, Digest]:
    """The sessions in an hour or daily zip.

    Raises:
        OSError: the system refuses the file, or there is none.
        DamagedFileError: it is no zip, or was cut or altered.
    """
    if series.is_chain:
        return of_dates(contract_texts(path, series))
    return by_date(entry_text(path))


def stored_crc(path: Path, size: int, changed_ns: int, series: Series, date: dt.date) -> int:
    """The checksum of a session that was just stored; 0 when it cannot be read.

    Args:
        path: the zip.
        size: its size, and
        changed_ns: when it was changed, for it is read once for all its sessions.
        series: what it holds.
        date: the session; in a zip of its own the checksum of the whole text is taken.
    """
    with contextlib.suppress(OSError, LookupError, zipfile.BadZipFile, DamagedFileError):
        if not series.resolution.is_file_per_session:
            return _shared(path, size, changed_ns, series)[date].crc
        if series.is_chain:
            return of_session(contract_texts(path, series, date)).crc
        with path.open("rb") as file:
            checksum = checksum_in(file.read(HEADER))
        if checksum is not None:
            return checksum
        with zipfile.ZipFile(path) as archive:
            return archive.infolist()[0].CRC
    return 0


@lru_cache(maxsize=1)
def _shared(path: Path, _size: int, _changed_ns: int, series: Series) -> dict[dt.date, Digest]:
    return digests_in(path, series)
