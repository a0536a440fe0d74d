"""Whole processes, interpreter included: start-up, and a folder that has everything."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.market import sessions, walk
from leanfeed.lean import lines, paths, zips
from leanfeed.values import Resolution, Series, Symbol, TickType

__all__ = ["UNWANTED", "start_up", "warm_folder"]

_LISTING = "import os,sys;[os.listdir(e.path) for e in os.scandir(sys.argv[1])]"
_LISTING_ALONE = (
    "import os,sys,time;t=time.perf_counter();[os.listdir(e.path) for e in os.scandir(sys.argv[1])]"
    ";print(time.perf_counter()-t)"
)
#: Settings of leanfeed, and one by which every process would compile its modules anew.
UNWANTED = ("LEANFEED_", "PYTHONDONTWRITEBYTECODE")


def start_up(*, repeats: int) -> dict[str, Any]:
    """The interpreter alone, with leanfeed imported, and the command that says its version."""
    script = Path(sys.executable).with_name("leanfeed")
    return _in_turns(
        {
            "interpreter": [sys.executable, "-c", "pass"],
            "import": [sys.executable, "-c", "import leanfeed"],
            "version": [str(script), "--version"],
        },
        repeats=repeats,
        folder=Path.cwd(),
    )


def warm_folder(folder: Path, *, symbols: int, repeats: int) -> dict[str, Any]:
    """The command on a folder that has 252 sessions of minutes of each symbol.

    Beside it the same interpreter lists the folders and does nothing else.

    Args:
        folder: an empty one.
        symbols: how many.
        repeats: how often; a first run, in which leanfeed opens every file, is told apart.
    """
    start, end = "2024-01-02", "2024-12-31"
    tickers = [f"W{number:03}" for number in range(symbols)]
    data = folder / "data"
    made = _fill(data, tickers, start, end)
    command = [
        *(sys.executable, "-m", "leanfeed", "ensure", *tickers, "--resolution", "minute"),
        *("--start", start, "--end", end, "--data-folder", str(data), "--quiet"),
        *("--sources", "replay"),  # never asked: nothing is missing
    ]
    minutes = str(data / "equity/usa/minute")
    listing = [sys.executable, "-c", _LISTING, minutes]
    first = _timed(command, folder)
    found = _in_turns({"ensure": command, "listing": listing}, repeats=repeats, folder=folder)
    alone = [
        float(subprocess.check_output([sys.executable, "-c", _LISTING_ALONE, minutes]))
        for _ in range(repeats)
    ]
    facts = {"symbols": symbols, "files": made, "first": round(first, 4)}
    return {**facts, **found, "listing_alone": [round(seconds, 4) for seconds in alone]}


def _fill(data: Path, tickers: Sequence[str], start: str, end: str) -> int:
    """Small but sound files; how many."""
    count = 0
    days = sessions(start, end)
    bars = walk("W", "minute", start, end)
    texts: dict[int, bytes] = {}
    for ticker in tickers:
        series = Series(Symbol(ticker), Resolution.MINUTE, TickType.TRADE)
        for number, day in enumerate(days):
            if number not in texts:
                opening = day.regular[0][0]
                few = bars.between(opening, opening + 10 * 60_000)
                texts[number] = lines.format_bars(few, series, day.time_zone)
            path = data / paths.zip_path(series, day.date)
            if not number:
                path.parent.mkdir(parents=True)
            path.write_bytes(zips.zip_bytes(paths.entry_name(series, day.date), texts[number]))
            count += 1
    return count


def _in_turns(
    commands: Mapping[str, Sequence[str]], *, repeats: int, folder: Path
) -> dict[str, list[float]]:
    for command in commands.values():
        _timed(command, folder)  # bytecode is compiled, files are in the system's memory
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(repeats):
        for name, command in commands.items():
            times[name].append(round(_timed(command, folder), 4))
    return times


def _timed(command: Sequence[str], folder: Path) -> float:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(UNWANTED)
    }
    started = perf_counter()
    subprocess.run(command, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)
    return perf_counter() - started
