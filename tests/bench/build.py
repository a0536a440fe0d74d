"""Reports of benchmarks that nobody made."""

from __future__ import annotations

import datetime as dt
from typing import Any

from leanfeed.bench.comparison import Comparison
from leanfeed.bench.report import CLI, NATIVE, BenchReport, Leg

DAY = dt.date(2024, 7, 2)
EQUAL = Comparison(
    files=1, equal=960, different=0, only_native=0, only_cli=0, first_difference=None
)


def report(**more: Any) -> BenchReport:
    """Live, complete, with equal rows; the Lean CLI took ten times as long."""
    given: dict[str, Any] = {
        "measured_at": dt.datetime(2024, 7, 3, tzinfo=dt.UTC),
        "symbols": ("SPY",),
        "resolutions": ("minute",),
        "window": (DAY, DAY),
        "repeats": 3,
        "stand_in": False,
        "lean_version": "1.0.230",
        "machine": {"cpu_count": 2},
        "native": Leg(NATIVE, (2.0, 8.0, 4.0), sessions=1, http_requests=1),
        "cli": Leg(CLI, (40.0, 39.0, 60.0), sessions=1),
        "comparison": EQUAL,
        **more,
    }
    return BenchReport(**given)
