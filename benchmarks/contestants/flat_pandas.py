"""The script that most people write for flat files: read_csv, groupby, `to_csv` and zipfile."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pandas as pd

from benchmarks.contestants.flat_job import FlatJob

__all__ = ["convert"]


def convert(job: FlatJob) -> None:
    """One day's file into a zip for each ticker."""
    bars = pd.read_csv(job.file, keep_default_na=False)
    if job.tickers:
        bars = bars[bars["ticker"].isin(job.tickers)]
    at = pd.to_datetime(bars["window_start"], utc=True).dt.tz_convert("America/New_York")
    bars["time"] = (at.dt.hour * 60 + at.dt.minute) * 60_000
    for column in ("open", "high", "low", "close"):
        bars[column] = (bars[column] * 10_000).round().astype("int64")
    day = job.date.replace("-", "")
    columns = ["time", "open", "high", "low", "close", "volume"]
    for ticker, rows in bars.groupby("ticker"):
        name = str(ticker).lower()
        folder = Path(job.folder, "equity", "usa", "minute", name)
        folder.mkdir(parents=True, exist_ok=True)
        text = rows[columns].to_csv(index=False, header=False, lineterminator="\n")
        with zipfile.ZipFile(folder / f"{day}_trade.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(f"{day}_{name}_minute_trade.csv", text.removesuffix("\n"))
