"""leanfeed, slowed on purpose: the guard has to notice."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from benchmarks.contestants.job import Job
from benchmarks.contestants.with_leanfeed import fetch as fetch_fast
from leanfeed.default_plugins.zip_writer import ZipWriter
from leanfeed.values import Delivery, Written

__all__ = ["PAUSE", "fetch"]

#: Seconds that each session waits for no reason.
PAUSE = 0.02

_write = ZipWriter.write


def fetch(job: Job) -> None:
    """Fetch and store, and take one's time over it."""

    def write(
        self: ZipWriter, deliveries: Iterable[Delivery], data_folder: Path
    ) -> Iterator[Written]:
        for written in _write(self, deliveries, data_folder):
            time.sleep(PAUSE)
            yield written

    ZipWriter.write = write  # type: ignore[method-assign]
    fetch_fast(job)
