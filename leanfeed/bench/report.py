"""What a benchmark found, and what may be said of it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from statistics import median
from typing import Any

from attrs import frozen

from leanfeed.bench.comparison import Comparison
from leanfeed.wording import counted

__all__ = ["CLI", "NATIVE", "BenchReport", "Leg"]

#: The two sources, by the names that the configuration uses.
NATIVE, CLI = "polygon", "lean-cli"


@frozen
class Leg:
    """What became of one source."""

    source: str
    #: Seconds of each repeat that completed.
    durations: tuple[float, ...] = ()
    #: Why it did not complete; None: it did, in every repeat.
    error: str | None = None
    #: Of the last repeat, as all that follow.
    sessions: int = 0
    http_requests: int = 0
    http_retries: int = 0
    #: Sessions that nobody had to be asked for: 0, or the workspace was not empty.
    cache_hits: int = 0
    bytes_fetched: int = 0
    bytes_written: int = 0

    @property
    def duration_seconds(self) -> float | None:
        """The median of the repeats; None when one of them did not complete."""
        return median(self.durations) if self.durations and self.error is None else None

    def to_dict(self) -> dict[str, Any]:
        """The leg as plain JSON values. What the Lean CLI asks over the network nobody counts."""
        facts: dict[str, Any] = {
            "source": self.source,
            "duration_seconds": _rounded(self.duration_seconds),
            "durations_seconds": [_rounded(seconds) for seconds in self.durations],
            "error": self.error,
            "sessions": self.sessions,
            "cache_hits": self.cache_hits,
            "bytes_written": self.bytes_written,
        }
        if self.source != CLI:
            facts["http_requests"] = self.http_requests
            facts["http_retries"] = self.http_retries
            facts["bytes_fetched"] = self.bytes_fetched
        return facts


@frozen
class BenchReport:
    """The same window through both sources."""

    measured_at: dt.datetime
    symbols: tuple[str, ...]
    resolutions: tuple[str, ...]
    #: First and last trading day, both inclusive.
    window: tuple[dt.date, dt.date]
    repeats: int
    #: Stand-ins answered instead of the provider, so that nothing is said of speed.
    stand_in: bool
    #: As the Lean CLI tells it; empty when it does not.
    lean_version: str
    machine: Mapping[str, Any]
    native: Leg
    cli: Leg
    #: Of the first repeat whose rows differ, else of the last; None when a source did not complete.
    comparison: Comparison | None

    @property
    def ratio(self) -> float | None:
        """How many times as long as the native source the Lean CLI took.

        None when nothing may be claimed, see :attr:`no_ratio_because`.
        """
        native, cli = self.native.duration_seconds, self.cli.duration_seconds
        if self.no_ratio_because or not native or not cli:
            return None
        return cli / native

    @property
    def no_ratio_because(self) -> str:
        """Why nothing is claimed; empty when something is."""
        failed = [leg.source for leg in (self.native, self.cli) if leg.duration_seconds is None]
        if failed:
            return f"{' and '.join(failed)} did not complete"
        if self.comparison is None or not self.comparison.is_equal:
            return "the rows of the two are not the same"
        return "stand-ins answered, not the providers" if self.stand_in else ""

    @property
    def title(self) -> str:
        """What was asked of both."""
        first, last = self.window
        dates = f"{first}" if first == last else f"{first} … {last}"
        return f"{', '.join(self.symbols)} {' and '.join(self.resolutions)}, {dates}"

    def to_dict(self) -> dict[str, Any]:
        """The report as plain JSON values. It has a ``ratio`` only where one is claimed."""
        compared = self.comparison.to_dict() if self.comparison else None
        facts: dict[str, Any] = {
            "measured_at": self.measured_at.isoformat(timespec="seconds"),
            "symbols": list(self.symbols),
            "resolutions": list(self.resolutions),
            "window": [day.isoformat() for day in self.window],
            "repeats": self.repeats,
            "stand_in": self.stand_in,
            "native": self.native.to_dict(),
            "cli": {**self.cli.to_dict(), "version": self.lean_version or None},
            "rows": compared,
            "machine": dict(self.machine),
        }
        if self.ratio is None:
            return {**facts, "no_ratio_because": self.no_ratio_because}
        return {**facts, "ratio": round(self.ratio, 2)}

    def to_json(self) -> str:
        """The report as indented JSON."""
        return json.dumps(self.to_dict(), indent=2)

    def __str__(self) -> str:
        stand_in = ", with stand-ins for the providers" if self.stand_in else ""
        lines = [f"{self.title}: {counted(self.repeats, 'repeat')}{stand_in}"]
        lines.append(f"  native, {_line(self.native)}")
        lines.append(f"  cli, {_line(self.cli)}")
        if self.comparison:
            lines.append(f"  {_rows_line(self.comparison)}")
        if self.ratio is None:
            lines.append(f"  nothing is claimed: {self.no_ratio_because}")
        else:
            lines.append(f"  the Lean CLI took {self.ratio:.1f} times as long")
        return "\n".join(lines)


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 4)


def _line(leg: Leg) -> str:
    if leg.duration_seconds is None:
        return f"{leg.source}: did not complete: {leg.error}"
    spread = ""
    if len(leg.durations) > 1:
        spread = f" ({min(leg.durations):.2f} … {max(leg.durations):.2f})"
    requests = "" if leg.source == CLI else f", {counted(leg.http_requests, 'request')}"
    return (
        f"{leg.source}: {leg.duration_seconds:.2f} s{spread}, "
        f"{counted(leg.sessions, 'session')}{requests}"
    )


def _rows_line(rows: Comparison) -> str:
    text = f"{counted(rows.equal, 'row')} in {counted(rows.files, 'file')} the same"
    if rows.first_difference is None:
        return text
    return (
        f"{text}, {rows.different} different, {rows.only_native} only in native, "
        f"{rows.only_cli} only in cli; the first: {rows.first_difference}"
    )
