"""Folders of results, as LEAN leaves them after a backtest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

#: When the backtest began: 2024-12-02 09:30.
STAMP = "20241202093000123"


def write_list(folder: Path, *lines: str, stamp: str = STAMP) -> Path:
    """LEAN's list of what it did not find."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"failed-data-requests-{stamp}.txt"
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def write_report(folder: Path, failed: int, *, stamp: str = "20241202093500456") -> Path:
    """LEAN's own count, written at the end of a backtest."""
    path = folder / f"data-monitor-report-{stamp}.json"
    path.write_text(json.dumps({"failed-data-requests-count": failed}), encoding="utf-8")
    return path


def write_results(
    folder: Path, start: str, end: str, *, name: str = "1234-summary.json", **more: Any
) -> Path:
    """LEAN's results, with the dates as ``AlgorithmConfiguration`` spells them."""
    dates = {"startDate": f"{start}T00:00:00Z", "endDate": f"{end}T23:59:59Z"}
    path = folder / name
    path.write_text(json.dumps({"algorithmConfiguration": dates, **more}), encoding="utf-8")
    return path


def minute(ticker: str, day: str) -> str:
    """The line of a session of minute bars."""
    return f"equity/usa/minute/{ticker.lower()}/{day.replace('-', '')}_trade.zip"
