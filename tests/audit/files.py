"""Files for audits: sound ones, and the bytes of damaged ones."""

from __future__ import annotations

import datetime as dt
import io
import struct
import warnings
import zipfile
from pathlib import Path

from leanfeed import Series
from leanfeed.audits.audit import audit
from leanfeed.lean.lines import format_bars
from leanfeed.lean.paths import entry_name, zip_path
from leanfeed.lean.zips import zip_bytes
from leanfeed.soundness.findings import AuditFinding
from tests import build

SESSIONS = build.sessions("2024-01-02", "2024-01-05")
DATES = [session.date for session in SESSIONS]
DAY = DATES[1]
MINUTE = build.series()
HOUR = build.series(resolution="hour")
DAILY = build.series(resolution="daily")
MINUTE_PATH = "equity/usa/minute/spy/20240103_trade.zip"
MINUTE_ENTRY = "20240103_spy_minute_trade.csv"


def text_of(series: Series = MINUTE, day: dt.date = DAY, *, count: int = 5) -> bytes:
    """The text of one session, or of all of them in a shared file."""
    sessions = SESSIONS
    if series.resolution.is_file_per_session:
        sessions = build.sessions(str(day), str(day))
    return b"\n".join(
        format_bars(build.bars(s, series.resolution, count=count), series, s.time_zone)
        for s in sessions
    )


def put(folder: Path, series: Series, text: bytes, day: dt.date | None = None) -> Path:
    """Store a text as leanfeed would, whatever it is."""
    return put_bytes(folder, zip_path(series, day), zip_bytes(entry_name(series, day), text))


def put_bytes(folder: Path, path: object, content: bytes) -> Path:
    target = folder / str(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
    return target


def put_sound(folder: Path, *series: Series) -> None:
    """Four sessions of each series."""
    for one in series or (MINUTE,):
        days = DATES if one.resolution.is_file_per_session else [None]
        for day in days:
            put(folder, one, text_of(one, day or DAY), day)


def zipped(*entries: tuple[str, bytes]) -> bytes:
    """Several entries, names as they are, equal ones too."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, content in entries:
            archive.writestr(name, content)
    return buffer.getvalue()


def encrypted(content: bytes) -> bytes:
    changed = bytearray(content)
    changed[6] |= 1
    changed[changed.index(b"PK\x01\x02") + 8] |= 1
    return bytes(changed)


def with_size(content: bytes, size: int) -> bytes:
    """The directory of a zip with one entry says that it holds so much."""
    changed = bytearray(content)
    struct.pack_into("<I", changed, changed.index(b"PK\x01\x02") + 24, size)
    return bytes(changed)


def with_checksum(content: bytes) -> bytes:
    """The directory of a zip has another checksum for its last entry."""
    changed = bytearray(content)
    changed[changed.rindex(b"PK\x01\x02") + 16] ^= 0xFF
    return bytes(changed)


def found(folder: Path, **asked: object) -> list[AuditFinding]:
    return list(audit(data_folder=folder, **asked).findings)  # type: ignore[arg-type]


def kinds(folder: Path, **asked: object) -> list[str]:
    return [finding.kind.value for finding in found(folder, **asked)]
