"""How LEAN itself stores what it downloaded: a session's file is replaced, whatever it had."""

from __future__ import annotations

import zipfile
from pathlib import Path

from leanfeed.bars import Bars
from leanfeed.lean.lines import format_bars
from leanfeed.lean.paths import entry_name, zip_path
from leanfeed.values import Series, Session

__all__ = ["store"]


def store(series: Series, session: Session, bars: Bars, folder: Path) -> Path:
    """Replace the file of a session, or merge with what a file for all time has; in place."""
    path = folder / zip_path(series, session.date)
    rows = format_bars(bars, series, session.time_zone).decode().split("\n")
    if path.exists() and not series.resolution.is_file_per_session:
        with zipfile.ZipFile(path) as archive:
            old = archive.read(archive.namelist()[0]).decode().split("\n")
        rows = sorted({row.partition(",")[0]: row for row in (*old, *rows)}.values())
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(entry_name(series, session.date), "\n".join(rows))
    return path
