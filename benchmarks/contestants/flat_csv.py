"""A script without any library for flat files: the csv module, ticker after ticker, and zipfile."""

from __future__ import annotations

import csv
import gzip
import zipfile
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from zoneinfo import ZoneInfo

from benchmarks.contestants.flat_job import FlatJob

__all__ = ["convert"]


def convert(job: FlatJob) -> None:
    """One day's file into a zip for each ticker; it trusts the order of the rows."""
    day = job.date.replace("-", "")
    midnight = datetime.fromisoformat(job.date).replace(tzinfo=ZoneInfo("America/New_York"))
    start = int(midnight.timestamp()) * 1000
    wanted = frozenset(job.tickers)
    with gzip.open(job.file, "rt", newline="") as file:
        for ticker, rows in groupby(csv.DictReader(file), itemgetter("ticker")):
            if wanted and ticker not in wanted:
                continue
            lines = [_line(row, start) for row in rows]
            name = ticker.lower()
            folder = Path(job.folder, "equity", "usa", "minute", name)
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / f"{day}_trade.zip"
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr(f"{day}_{name}_minute_trade.csv", "\n".join(lines))


def _line(row: dict[str, str], start: int) -> str:
    time = int(row["window_start"]) // 1_000_000 - start
    prices = (round(float(row[name]) * 10_000) for name in ("open", "high", "low", "close"))
    return f"{time},{','.join(map(str, prices))},{row['volume']}"
