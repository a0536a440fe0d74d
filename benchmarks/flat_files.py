"""A whole market's minutes into LEAN's files: leanfeed beside scripts; puts tables into the docs.

    python -m benchmarks.flat_files [--laps 3] [--small] [--out FILE] [--page]

The file is synthetic and of full size, unless it is to be small. Nobody is timed whose files are
not those of all others, to the last byte of each text.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from attrs import field, frozen

from benchmarks.contestants.flat_job import FlatJob
from benchmarks.flat_decoding import WAYS
from benchmarks.flat_market import tickers, write_flat_file
from benchmarks.flat_tables import write_page
from benchmarks.places import in_memory
from benchmarks.processes import UNWANTED
from benchmarks.provider import ROOT
from benchmarks.same import check_same
from leanfeed import clock, kernel
from leanfeed.bench.machine import machine
from leanfeed_flatfiles.data_types import DataType

__all__ = ["CONTESTANTS", "Contestant", "measure"]

DATE = dt.date(2024, 6, 3)
#: Tickers and rows of the file.
FULL, SMALL = (10_500, 1_520_000), (120, 6_000)
FEW = 500


@frozen
class Contestant:
    """A way from a flat file to LEAN's files."""

    name: str
    module: str
    title: str
    options: Mapping[str, Any] = field(factory=dict)


CONTESTANTS = (
    Contestant("leanfeed", "flat_leanfeed", "leanfeed"),
    Contestant(
        "leanfeed-fast", "flat_leanfeed", 'leanfeed, `durability = "fast"`', {"durability": "fast"}
    ),
    Contestant("floor", "flat_floor", "the floor: inflate, parse, deflate, create files"),
    Contestant("pandas", "flat_pandas", "pandas, `to_csv` and `zipfile`"),
    Contestant("csv", "flat_csv", "the `csv` module and `zipfile`"),
)


def measure(size: tuple[int, int], *, laps: int) -> dict[str, Any]:
    """Everything, as plain JSON values."""
    with tempfile.TemporaryDirectory(prefix="leanfeed-flat-", dir=in_memory()) as place:
        folder = Path(place)
        bucket, paths = folder / "bucket", {}
        for kind in (DataType.STOCKS_MINUTE, DataType.STOCKS_DAILY):
            paths[kind] = bucket / kind.key(DATE)
            paths[kind].parent.mkdir(parents=True)
            _say(f"making {kind.key(DATE)}")
            write_flat_file(paths[kind], kind, DATE, names=size[0], rows=size[1])
        names = tickers(size[0])
        few = names[:: max(1, len(names) // FEW)][:FEW]
        whole = _race(folder / "whole", bucket, (), laps=laps, count=len(names))
        part = _race(folder / "part", bucket, few, laps=laps, count=len(few))
        return {
            "measured_at": clock.now().isoformat(timespec="seconds"),
            "machine": machine(),
            "kernel": kernel.is_there(),
            "titles": {one.name: one.title for one in CONTESTANTS},
            "file": {
                "tickers": len(names),
                "bytes": paths[DataType.STOCKS_MINUTE].stat().st_size,
                "daily_bytes": paths[DataType.STOCKS_DAILY].stat().st_size,
            },
            "decoding": _decoding(paths[DataType.STOCKS_MINUTE], few, laps=laps),
            "whole": whole,
            "part": {"tickers": len(few), "laps": part},
        }


def _race(
    folder: Path, bucket: Path, chosen: Sequence[str], *, laps: int, count: int
) -> dict[str, list[dict[str, float]]]:
    """Laps of everybody in turns, after a first one in which files are compared."""
    found: dict[str, list[dict[str, float]]] = {one.name: [] for one in CONTESTANTS}
    reference = folder / CONTESTANTS[0].name
    _run(CONTESTANTS[0], FlatJob(str(bucket), str(DATE), str(reference), tuple(chosen)))
    for lap in range(laps):
        for one in (
            *CONTESTANTS[lap % len(CONTESTANTS) :],
            *CONTESTANTS[: lap % len(CONTESTANTS)],
        ):
            # Nothing is removed meanwhile: where many inodes were freed in the last minutes, ext4
            # takes long to find one, and whoever comes next would pay for it.
            target = folder / f"{lap}" / one.name
            told = _run(one, FlatJob(str(bucket), str(DATE), str(target), tuple(chosen)))
            check_same(reference, target, count=count)
            found[one.name].append(told)
            _say(f"{count} tickers: {one.name} {told['wall']:.2f} s, {told['cpu']:.2f} s CPU")
    return found


def _run(contestant: Contestant, job: FlatJob) -> dict[str, float]:
    command = ["benchmarks.flat_worker", contestant.module, json.dumps(dict(contestant.options))]
    told: dict[str, float] = json.loads(_python(*command, job.to_json()))
    return told


def _decoding(
    path: Path, few: Sequence[str], *, laps: int
) -> dict[str, dict[str, dict[str, float]]]:
    found: dict[str, dict[str, list[dict[str, float]]]] = {name: {} for name in WAYS}
    for _ in range(laps):
        for name in WAYS:
            for what, wanted in (("whole", ()), ("part", few)):
                told = _python("benchmarks.flat_decoding", name, str(path), given=" ".join(wanted))
                found[name].setdefault(what, []).append(json.loads(told))
                _say(f"decoding, {what}: {name} {told.strip()}")
    return {
        name: {
            what: {key: median(lap[key] for lap in runs) for key in runs[0]}
            for what, runs in parts.items()
        }
        for name, parts in found.items()
    }


def _python(module: str, *arguments: str, given: str = "") -> str:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(UNWANTED)}
    environment["PYTHONPATH"] = str(ROOT)
    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        input=given,
        stdout=subprocess.PIPE,
        check=True,
        text=True,
        env=environment,
        cwd=tempfile.gettempdir(),  # no configuration is found from there upward
    ).stdout


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")


def main() -> None:
    """Measure, and keep."""
    parser = argparse.ArgumentParser(prog="benchmarks.flat_files", description="Flat files.")
    parser.add_argument("--laps", type=int, default=3)
    parser.add_argument("--small", action="store_true", help="a small file, to see whether it runs")
    parser.add_argument("--out", type=Path, metavar="FILE", help="where the results go, as JSON")
    parser.add_argument("--page", action="store_true", help="put the tables into the docs")
    given = parser.parse_args()
    results = measure(SMALL if given.small else FULL, laps=given.laps)
    text = json.dumps(results, indent=1) + "\n"
    if given.out:
        given.out.write_text(text, "utf-8")
    if given.page:
        write_page(results)
    if not given.out:
        sys.stdout.write(text)


if __name__ == "__main__":
    main()
