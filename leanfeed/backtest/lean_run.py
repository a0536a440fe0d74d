"""What LEAN could not find in its last backtest, read from the folder with its results."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from attrs import field, frozen

from leanfeed.backtest.results import results_window
from leanfeed.errors import InvalidRequestError
from leanfeed.lean.failed_requests import parse_failed_request
from leanfeed.values import Series

__all__ = ["FailedRequests", "failed_requests"]

#: LEAN puts the time at which the backtest began after the name, in UTC, to the millisecond.
_LIST = re.compile(r"failed-data-requests-?(.*)\.txt")
_REPORT = re.compile(r"data-monitor-report-?(.*)\.json")
#: Year to milliseconds, UTC, as LEAN stamps both.
_STAMP = re.compile(r"[0-9]{17}")


@frozen
class FailedRequests:
    """The files that LEAN wanted in one backtest and did not find."""

    #: LEAN's list.
    path: Path
    #: Minute and second bars of US equities, each with its days, ascending.
    dates: Mapping[Series, tuple[dt.date, ...]] = field(factory=dict)
    #: Hour and daily bars, of which LEAN wanted the one file that holds all days.
    undated: tuple[Series, ...] = ()
    #: What leanfeed cannot fetch: LEAN's line, and why.
    unsupported: Mapping[str, str] = field(factory=dict)
    #: First and last day of the backtest, if its results tell.
    window: tuple[dt.date, dt.date] | None = None
    #: The file of results that told.
    window_from: Path | None = None
    #: What LEAN counted in its own report, the same file several times if it was wanted so often;
    #: None when there is no such report, as when the backtest has not come to its end.
    counted: int | None = None
    #: Lines of the list.
    lines: int = 0

    @property
    def is_whole(self) -> bool:
        """The list has all that LEAN counted."""
        return self.counted == self.lines


def failed_requests(folder: str | os.PathLike[str]) -> FailedRequests:
    """Read the newest ``failed-data-requests-….txt`` in a folder or below it.

    Args:
        folder: where LEAN put the results of a backtest, such as a folder in ``backtests`` of a
            project of the Lean CLI, or that one.

    Raises:
        InvalidRequestError: there is no such list, or it cannot be read.
    """
    path, began = _newest(Path(folder))
    try:
        lines = path.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    except OSError as error:
        raise InvalidRequestError(
            f"{path} cannot be read ({error.strerror}): check its permissions."
        ) from None
    found = [line for line in lines if line.strip()]
    dates, undated, unsupported = _sorted(found)
    window, window_from = results_window(path.parent, began)
    return FailedRequests(
        path=path,
        dates=dates,
        undated=undated,
        unsupported=unsupported,
        window=window,
        window_from=window_from,
        counted=_counted(path.parent, began),
        lines=len(found),
    )


def _newest(folder: Path) -> tuple[Path, dt.datetime]:
    """The list of the backtest that began last, and when that was."""
    lists = _named(folder.rglob("*.txt"), _LIST)
    if not lists:
        is_there = "has no failed-data-requests-….txt" if folder.is_dir() else "is no folder"
        raise InvalidRequestError(
            f"{folder} {is_there}: name the folder in which LEAN put the results of a backtest."
        )
    began, path = max(lists, key=lambda found: (_is_stamped(found[1]), *found))
    return path, began


def _named(paths: Iterable[Path], name: re.Pattern[str]) -> list[tuple[dt.datetime, Path]]:
    matches = ((path, name.fullmatch(path.name)) for path in paths)
    return [(_began(path, match[1]), path) for path, match in matches if match]


def _is_stamped(path: Path) -> bool:
    """The name is LEAN's own: a copy under another one counts only where there is none."""
    return bool(_STAMP.search(path.stem))


def _began(path: Path, stamp: str) -> dt.datetime:
    """When a file was begun: by its name, or as the system says where somebody has renamed it."""
    if _STAMP.fullmatch(stamp):
        with contextlib.suppress(ValueError):
            return dt.datetime.strptime(stamp + "000+0000", "%Y%m%d%H%M%S%f%z")
    return dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC)


def _sorted(
    lines: Iterable[str],
) -> tuple[dict[Series, tuple[dt.date, ...]], tuple[Series, ...], dict[str, str]]:
    days: dict[Series, set[dt.date]] = {}
    undated: set[Series] = set()
    unsupported: dict[str, str] = {}
    for line in dict.fromkeys(lines):
        request = parse_failed_request(line)
        if request.series is None:
            unsupported[request.line] = request.unsupported
        elif request.day is None:
            undated.add(request.series)
        else:
            days.setdefault(request.series, set()).add(request.day)
    dates = {series: tuple(sorted(days[series])) for series in sorted(days)}
    return dates, tuple(sorted(undated)), unsupported


def _counted(folder: Path, began: dt.datetime) -> int | None:
    """How many requests failed, by LEAN's own report: the first one that it wrote after that."""
    later = [found for found in _named(folder.iterdir(), _REPORT) if found[0] >= began]
    try:
        report: Any = json.loads(min(later)[1].read_bytes()) if later else {}
        return int(report["failed-data-requests-count"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
