"""The script that most people write: requests, pandas, `to_csv` and zipfile."""

from __future__ import annotations

import pandas as pd
import requests

from benchmarks.contestants.job import KEY, Job
from benchmarks.contestants.lean_files import write_day

__all__ = ["fetch"]


def fetch(job: Job, *, limit: int = 50_000) -> None:
    """Fetch and store."""
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {KEY}"
    for ticker in job.tickers:
        _store(job, ticker, _fetched(session, job, ticker, limit))


def _fetched(session: requests.Session, job: Job, ticker: str, limit: int) -> pd.DataFrame:
    url: str | None = (
        f"{job.url}/v2/aggs/ticker/{ticker}/range/1/{job.timespan}/{job.start}/{job.end}"
        f"?adjusted=false&sort=asc&limit={limit}"
    )
    frames = []
    while url:
        answer = session.get(url, timeout=60)
        answer.raise_for_status()
        page = answer.json()
        frames.append(pd.DataFrame(page.get("results", [])))
        url = page.get("next_url")
    return pd.concat(frames, ignore_index=True)


def _store(job: Job, ticker: str, bars: pd.DataFrame) -> None:
    at = pd.to_datetime(bars["t"], unit="ms", utc=True).dt.tz_convert("America/New_York")
    lines = pd.DataFrame({"ms": (at.dt.hour * 3600 + at.dt.minute * 60 + at.dt.second) * 1000})
    for column in "ohlc":
        lines[column] = (bars[column] * 10_000).round().astype("int64")
    lines["v"] = bars["v"].astype("int64")
    for day, rows in lines.groupby(at.dt.strftime("%Y%m%d")):
        text = rows.to_csv(index=False, header=False, lineterminator="\n")
        write_day(job, ticker, str(day), text.removesuffix("\n"))
