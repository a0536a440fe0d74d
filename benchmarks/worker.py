"""Runs one contestant in a process of its own, in that contestant's environment.

    python -m benchmarks.worker MODULE OPTIONS AGAIN

OPTIONS are JSON, AGAIN is how often the job is repeated in the same folder. On standard input it
takes the warm-up, or an empty line for none, and the job, when it has said that it is ready; at the
end it prints what it measured. Only the standard library is used here.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
from pathlib import Path

from benchmarks.contestants.job import Job

__all__ = ["main", "peak_megabytes"]


def main(arguments: list[str]) -> None:
    """Warm up, say so, run, tell."""
    module, options, again = arguments
    contestant = importlib.import_module(f"benchmarks.contestants.{module}")
    given = json.loads(options)
    if warm_up := sys.stdin.readline().strip():
        contestant.fetch(Job.from_json(warm_up), **given)
    _say("ready")
    job = Job.from_json(sys.stdin.readline())
    cpu, start = _cpu_seconds(), time.perf_counter()
    contestant.fetch(job, **given)
    wall, used = time.perf_counter() - start, _cpu_seconds() - cpu
    peak = peak_megabytes()
    repeated = []
    for _ in range(int(again)):
        start = time.perf_counter()
        contestant.fetch(job, **given)
        repeated.append(time.perf_counter() - start)
    _say(json.dumps({"wall": wall, "cpu": used, "peak_mb": peak, "again": repeated}))


def _cpu_seconds() -> float:
    """Those of this process, in the system too, and of children that ended."""
    times = os.times()
    return sum(times[:4])


def peak_megabytes() -> float:
    """The most memory that was resident at a time, in 10**6 bytes."""
    status = Path("/proc/self/status")
    if status.exists():  # getrusage tells that of the parent, too
        (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024 / 1e6
    import resource  # not on every system

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
