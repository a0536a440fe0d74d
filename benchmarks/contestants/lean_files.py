"""LEAN's files as a careful script writes them: rows by day, a zip each, no flush to the disk."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from benchmarks.contestants.job import Job

__all__ = ["NEW_YORK", "lines_by_day", "write_day"]

NEW_YORK = ZoneInfo("America/New_York")

#: Start of the bar in epoch milliseconds, open, high, low, close, volume.
Row = tuple[int, float, float, float, float, float]


def lines_by_day(rows: Iterable[Row]) -> dict[str, list[str]]:
    """LEAN's lines under their New York day: milliseconds since midnight, prices times 10,000."""
    days: dict[str, list[str]] = {}
    for t, o, h, low, c, v in rows:
        at = datetime.fromtimestamp(t / 1000, NEW_YORK)
        since_midnight = (at.hour * 3600 + at.minute * 60 + at.second) * 1000
        days.setdefault(at.strftime("%Y%m%d"), []).append(
            f"{since_midnight},{round(o * 10000)},{round(h * 10000)},{round(low * 10000)},"
            f"{round(c * 10000)},{v:.0f}"
        )
    return days


def write_day(job: Job, ticker: str, day: str, text: str) -> None:
    """Write the zip of one day."""
    name = ticker.lower()
    folder = Path(job.folder, "equity", "usa", job.timespan, name)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{day}_trade.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{day}_{name}_{job.timespan}_trade.csv", text)
