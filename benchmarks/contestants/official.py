"""The provider's own Python client, `list_aggs`, and zipfile."""

from __future__ import annotations

from massive import RESTClient

from benchmarks.contestants.job import KEY, Job
from benchmarks.contestants.lean_files import lines_by_day, write_day

__all__ = ["fetch"]


def fetch(job: Job, *, limit: int | None = None) -> None:
    """Fetch and store; `limit` None leaves the page's size to the client."""
    client = RESTClient(KEY, base=job.url)
    for ticker in job.tickers:
        bars = client.list_aggs(
            ticker, 1, job.timespan, job.start, job.end, adjusted=False, sort="asc", limit=limit
        )
        days = lines_by_day(
            (bar.timestamp, bar.open, bar.high, bar.low, bar.close, bar.volume) for bar in bars
        )
        for day, lines in days.items():
            write_day(job, ticker, day, "\n".join(lines))
