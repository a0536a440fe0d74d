"""The native source and the Lean CLI, side by side: how long each takes for the same bars."""

from __future__ import annotations

from leanfeed.bench.measuring import benchmark
from leanfeed.bench.report import BenchReport

__all__ = ["BenchReport", "benchmark"]
