"""No program, but what none can do without: inflate, parse, write text, deflate, create files."""

from __future__ import annotations

import os
from itertools import accumulate
from pathlib import Path

import numpy as np

from benchmarks.contestants.flat_job import FlatJob
from leanfeed import kernel
from leanfeed.kernel.tables import Names
from leanfeed.lean.zips import zip_bytes
from leanfeed_flatfiles.header import TRADED_COLUMNS
from leanfeed_flatfiles.tables import read_table

__all__ = ["convert"]

_DAY = 86_400_000


def convert(job: FlatJob) -> None:
    """Nothing is looked at, flushed, compared or remembered."""
    wanted = Names.of([ticker.encode() for ticker in job.tickers] or None)
    table = read_table(Path(job.file), TRADED_COLUMNS, wanted, name=job.file)
    times = (table.times // 1_000_000 - 4 * 3_600_000) % _DAY  # summer in New York
    columns = [np.ascontiguousarray(column) for column in table.columns[:5]]
    day = job.date.replace("-", "")
    root = f"{job.folder}/equity/usa/minute"
    Path(root).mkdir(parents=True)
    edges = list(accumulate((count for _, count in table.runs), initial=0))
    for (ticker, _), start, end in zip(table.runs, edges, edges[1:], strict=False):
        name = ticker.decode().lower()
        own = [column[start:end] for column in columns]
        text, _ = kernel.format_rows(times[start:end], own, [10_000] * 4 + [1])
        data = zip_bytes(f"{day}_{name}_minute_trade.csv", text)
        Path(f"{root}/{name}").mkdir()
        file = os.open(f"{root}/{name}/{day}_trade.zip", os.O_CREAT | os.O_WRONLY, 0o644)
        os.write(file, data)
        os.close(file)
