"""leanfeed: the whole of `ensure`, from the question to files that are checked."""

from __future__ import annotations

import os

import leanfeed
from benchmarks.contestants.job import KEY, Job

__all__ = ["fetch"]


def fetch(job: Job, *, durability: str = "full", kernel: str = "on") -> None:
    """Fetch and store."""
    os.environ.update(
        POLYGON_API_KEY=KEY,
        LEANFEED_POLYGON_BASE_URL=job.url,
        LEANFEED_LEAN_DURABILITY=durability,
        LEANFEED_KERNEL=kernel,
    )
    report = leanfeed.ensure(
        list(job.tickers),
        resolution=job.timespan,
        start=job.start,
        end=job.end,
        data_folder=job.folder,
        sources="polygon",
    )
    report.raise_for_missing()
