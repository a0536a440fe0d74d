"""leanfeed: all symbols of a flat file on this machine, from the question to files on disk."""

from __future__ import annotations

import os

# Imports are not timed: what leanfeed imports late, for who does not need it, comes early here.
import filelock  # noqa: F401

import leanfeed
import leanfeed.default_plugins.calendar_planner
import leanfeed.default_plugins.zip_files
import leanfeed.filling
import leanfeed.pipeline
import leanfeed_flatfiles.deliveries
import leanfeed_flatfiles.noting
import leanfeed_flatfiles.universe  # noqa: F401
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
