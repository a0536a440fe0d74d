"""leanfeed: all symbols of a flat file on this machine, from the question to files on disk."""

from __future__ import annotations

import os

import leanfeed
from benchmarks.contestants.flat_job import FlatJob

__all__ = ["convert"]


def convert(job: FlatJob, *, durability: str = "full", kernel: str = "on") -> None:
    """Plan, read, check, write, and keep the books."""
    os.environ.update(
        LEANFEED_FLATFILES_LOCAL_FOLDER=job.bucket,
        LEANFEED_LEAN_DURABILITY=durability,
        LEANFEED_KERNEL=kernel,
    )
    report = leanfeed.ensure(
        list(job.tickers) or "*",
        resolution="minute",
        start=job.date,
        end=job.date,
        data_folder=job.folder,
        sources="flatfiles",
    )
    report.raise_for_missing()
