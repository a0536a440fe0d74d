"""When a backtest began and ended, read from the results that LEAN writes."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import msgspec

__all__ = ["results_window"]

#: LEAN's empty date, and what else was never traded.
_EARLIEST = dt.date(1900, 1, 1)

Window = tuple[dt.date, dt.date]


class _Results(msgspec.Struct):
    """The part that is of interest; the rest, which may be very large, is skipped."""

    configuration: dict[str, Any] | None = msgspec.field(
        name="algorithmConfiguration", default=None
    )
    #: As LEAN spelt it until 2024.
    older: dict[str, Any] | None = msgspec.field(name="AlgorithmConfiguration", default=None)


def results_window(folder: Path, began: dt.datetime) -> tuple[Window | None, Path | None]:
    """First and last day of the backtest that began then, and the file that tells.

    LEAN writes ``<id>-summary.json`` and ``<id>.json`` at its end, both with the configuration of
    the algorithm (``Common/AlgorithmConfiguration.cs``). Files that are older belong to another
    backtest; the newest one decides, and tells nothing when the algorithm failed to initialize.
    """
    found = [(path.stat().st_mtime, path) for path in folder.glob("*.json") if path.is_file()]
    for written, path in sorted(found, reverse=True):
        if written < began.timestamp():
            break
        configuration = _configuration(path)
        if configuration is not None:
            window = _window(configuration)
            return window, path if window else None
    return None, None


def _configuration(path: Path) -> dict[str, Any] | None:
    try:
        results = msgspec.json.decode(path.read_bytes(), type=_Results)
    except (OSError, msgspec.DecodeError, RecursionError):
        return None
    return results.configuration or results.older


def _window(configuration: dict[str, Any]) -> Window | None:
    by_name = {name.lower(): value for name, value in configuration.items()}
    start, end = (_date(by_name.get(name)) for name in ("startdate", "enddate"))
    return (start, end) if start and end and _EARLIEST <= start <= end else None


def _date(value: object) -> dt.date | None:
    """LEAN's ``2013-10-07T00:00:00Z``, which is not UTC but the algorithm's own time."""
    try:
        return dt.date.fromisoformat(str(value)[:10])
    except ValueError:
        return None
