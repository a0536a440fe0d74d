"""What each level of `verify` costs; puts the measured table into docs/how-it-works.md.

python -m benchmarks.verify_levels
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from attrs import frozen

import leanfeed
from leanfeed import Bars, Delivery, Gap, Series
from leanfeed.request import Verify

PAGE = Path(__file__).parents[1] / "docs/how-it-works.md"
MARKERS = ("<!-- made by benchmarks/verify_levels.py -->", "<!-- end of levels -->")
WINDOW = ("2023-01-03", "2023-12-29")
REPEATS = 5


@frozen
class Walk:
    """Makes a bar for each minute of the extended hours."""

    def supports(self, series: Series) -> bool:
        """Every series."""
        return True

    def fetch(self, gaps: Sequence[Gap]) -> Iterator[Delivery]:
        """A walk of prices at random, the same each time."""
        chance = np.random.default_rng(0)
        for gap in gaps:
            for session in gap.sessions:
                times = np.arange(*session.extended, gap.series.resolution.milliseconds)
                prices = np.round(400 + chance.normal(0, 0.05, len(times)).cumsum(), 2)
                volume = chance.integers(1, 100_000, len(times)).astype(float)
                bars = Bars(times, prices, prices + 0.02, prices - 0.02, prices, volume)
                yield Delivery(gap.series, session, bars)


def measured(folder: Path, verify: Verify) -> float:
    """Seconds for planning a year of minutes that is there."""
    found = []
    for _ in range(REPEATS):
        started = time.process_time()
        planned = leanfeed.plan(
            "SPY",
            resolution="minute",
            start=WINDOW[0],
            end=WINDOW[1],
            verify=verify.value,
            data_folder=folder,
            sources=[Walk()],
        )
        found.append(time.process_time() - started)
        assert not planned.gaps
    return statistics.median(found)


def main() -> None:
    """Measure every level and write the table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        start, end = WINDOW
        report = leanfeed.ensure(
            "SPY",
            resolution="minute",
            start=start,
            end=end,
            data_folder=folder,
            sources=[Walk()],
        )
        files = report.written_sessions
        each = {verify: measured(folder, verify) / files * 1e6 for verify in Verify}
    rows = [f"| `{verify}` | {microseconds:,.0f} µs |" for verify, microseconds in each.items()]
    table = ["| level | a minute file of 960 bars |", "|---|---|", *rows]
    before, rest = PAGE.read_text("utf-8").split(MARKERS[0])
    after = rest.split(MARKERS[1])[1]
    PAGE.write_text(before + "\n".join([MARKERS[0], *table, MARKERS[1]]) + after, "utf-8")


if __name__ == "__main__":
    main()
