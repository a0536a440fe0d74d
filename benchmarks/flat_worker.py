"""Runs one contestant at one flat file, in a process of its own, and prints what it took.

    python -m benchmarks.flat_worker MODULE OPTIONS JOB

OPTIONS and JOB are JSON. Only the standard library is used here. Imports are not timed.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time

from benchmarks.contestants.flat_job import FlatJob
from benchmarks.worker import peak_megabytes

__all__ = ["main"]


def main(arguments: list[str]) -> None:
    """Run, tell."""
    module, options, job = arguments
    contestant = importlib.import_module(f"benchmarks.contestants.{module}")
    cpu, start = sum(os.times()[:4]), time.perf_counter()
    contestant.convert(FlatJob.from_json(job), **json.loads(options))
    wall, used = time.perf_counter() - start, sum(os.times()[:4]) - cpu
    told = {"wall": round(wall, 3), "cpu": round(used, 3), "peak_mb": round(peak_megabytes(), 1)}
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
