"""What each symbol of a whole market costs the thread of its run, in calls: times are noisy."""

from __future__ import annotations

import sys
from pathlib import Path
from types import FrameType
from typing import Any

import leanfeed
from tests import build

#: Python functions that are called, or go on, for a symbol with one session: to plan it, to take it
#: from its source, to have it written, and to remember and report it.
MOST = 240


def calls(folder: Path, count: int) -> int:
    """How many a run makes that stores one session of so many symbols in an empty folder."""
    tickers = [f"T{number:03}" for number in range(count)]
    called = 0

    def hear(_frame: FrameType, event: str, _argument: Any) -> None:
        nonlocal called
        called += event == "call"

    sys.setprofile(hear)
    try:
        report = leanfeed.ensure(
            tickers,
            resolution="minute",
            start="2024-01-02",
            end="2024-01-02",
            data_folder=folder,
            sources=[build.MemorySource()],
        )
    finally:
        sys.setprofile(None)
    assert report.written_sessions == count
    return called


def test_each_further_symbol_costs_few_calls(tmp_path: Path) -> None:
    calls(tmp_path / "first", 1)  # imports are not counted
    few, many = calls(tmp_path / "few", 20), calls(tmp_path / "many", 120)
    assert (many - few) / 100 < MOST
