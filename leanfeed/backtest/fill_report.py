"""What became of the files that LEAN had wanted."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from attrs import field, frozen

from leanfeed.backtest.lean_run import FailedRequests
from leanfeed.errors import IncompleteError
from leanfeed.report import Report
from leanfeed.values import Series
from leanfeed.wording import counted

__all__ = ["FillReport"]

_DAY = re.compile(r"(?<![0-9])[0-9]{8}(?![0-9])")
#: So many lines that differ in their date are shown one by one.
_SHOWN = 3
_WITHOUT_START = (
    "no results beside the list tell when the backtest began: give the first day, --start DATE"
)


@frozen
class FillReport:
    """What :func:`leanfeed.backtest.fill` did."""

    requests: FailedRequests
    #: The run; None when there was nothing to fetch.
    report: Report | None = None
    #: Days that LEAN wanted and that nobody was asked for, each with the reason.
    refused: Mapping[Series, Mapping[dt.date, str]] = field(factory=dict)
    #: Hour and daily bars that were left out, because nobody knows when the backtest began.
    without_start: tuple[Series, ...] = ()

    @property
    def complete(self) -> bool:
        """Everything that can be fetched is there; see :attr:`refused` for the rest.

        And ``requests.unsupported``.
        """
        return not self.without_start and (self.report is None or self.report.complete)

    def raise_for_missing(self) -> None:
        """Do nothing when :attr:`complete`.

        Raises:
            IncompleteError: bars are missing; the message says which and why.
        """
        if self.report is not None:
            self.report.raise_for_missing()
        if self.without_start:
            names = ", ".join(map(str, self.without_start))
            raise IncompleteError(f"{names}: {_WITHOUT_START}.")

    def to_dict(self) -> dict[str, Any]:
        """The report as plain JSON values."""
        found = self.requests
        return {
            "complete": self.complete,
            "list": str(found.path),
            "requests": found.lines,
            "requests_counted": found.counted,
            "window": [day.isoformat() for day in found.window] if found.window else None,
            "window_from": str(found.window_from) if found.window_from else None,
            "unsupported": dict(found.unsupported),
            "refused": {
                str(series): {day.isoformat(): reason for day, reason in days.items()}
                for series, days in self.refused.items()
            },
            "without_start": [str(series) for series in self.without_start],
            "report": self.report.to_dict() if self.report else None,
        }

    def to_json(self) -> str:
        """The report as indented JSON."""
        return json.dumps(self.to_dict(), indent=2)

    def __str__(self) -> str:
        lines = [*_list_lines(self.requests)]
        lines.append(str(self.report) if self.report else "Nothing to fetch.")
        for series, days in self.refused.items():
            lines += _refused_lines(series, days)
        lines += [f"  not fetched, {series}: {_WITHOUT_START}" for series in self.without_start]
        lines += _unsupported_lines(self.requests.unsupported)
        return "\n".join(lines)


def _list_lines(found: FailedRequests) -> Iterator[str]:
    yield f"{found.path}: {counted(found.lines, 'file')} that LEAN did not find"
    if found.counted is None:
        yield "  the list may be cut short: there is no data-monitor-report beside it"
    elif not found.is_whole:
        yield f"  the list is cut short: LEAN counted {found.counted}"
    if found.window and found.undated:
        start, end = found.window
        yield f"  the backtest went from {start} to {end}, says {_name(found.window_from)}"


def _name(path: Path | None) -> str:
    return path.name if path else ""


def _refused_lines(series: Series, days: Mapping[dt.date, str]) -> Iterator[str]:
    by_reason: dict[str, list[dt.date]] = {}
    for day, reason in days.items():
        by_reason.setdefault(reason, []).append(day)
    for reason, of_reason in by_reason.items():
        shown = ", ".join(map(str, of_reason[:_SHOWN]))
        more = f" … {of_reason[-1]}, {len(of_reason)} days" if len(of_reason) > _SHOWN else ""
        yield f"  not fetched, {series} {shown}{more}: {reason}"


def _unsupported_lines(unsupported: Mapping[str, str]) -> Iterator[str]:
    """One line for each file, or for many that differ in their date only."""
    alike: dict[tuple[str, str], list[str]] = {}
    for line, reason in unsupported.items():
        alike.setdefault((_DAY.sub("*", line), reason), []).append(line)
    for (pattern, reason), lines in alike.items():
        if len(lines) <= _SHOWN:
            yield from (f"  not supported, {line}: {reason}" for line in lines)
        else:
            days = sorted(day for line in lines for day in _DAY.findall(line)[:1])
            yield (
                f"  not supported, {pattern}, {len(lines)} files of {days[0]} … {days[-1]}: "
                f"{reason}"
            )
