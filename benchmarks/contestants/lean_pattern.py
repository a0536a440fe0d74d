"""LEAN's downloader as a pattern: pages of 5,000, one request at a time, bar by bar."""

from __future__ import annotations

import requests

from benchmarks.contestants.job import KEY, Job
from benchmarks.contestants.lean_files import lines_by_day, write_day

__all__ = ["fetch"]


def fetch(job: Job, *, limit: int = 5_000) -> None:
    """Fetch and store."""
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {KEY}"
    for ticker in job.tickers:
        url: str | None = (
            f"{job.url}/v2/aggs/ticker/{ticker}/range/1/{job.timespan}/{job.start}/{job.end}"
            f"?adjusted=false&sort=asc&limit={limit}"
        )
        rows = []
        while url:
            answer = session.get(url, timeout=60)
            answer.raise_for_status()
            page = answer.json()
            rows += [
                (bar["t"], bar["o"], bar["h"], bar["l"], bar["c"], bar["v"])
                for bar in page.get("results", ())
            ]
            url = page.get("next_url")
        for day, lines in lines_by_day(rows).items():
            write_day(job, ticker, day, "\n".join(lines))
