"""What happened, session by session, made from what the writer confirmed."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import Factory, field, frozen

from leanfeed.errors import IncompleteError
from leanfeed.values import Series, Session, Symbol
from leanfeed.wording import counted, grouped, other_names, ranges, size, unlisted_lines

__all__ = ["Failure", "Fallback", "Report", "SeriesReport"]


@frozen
class Failure:
    """A source that gave up, and why."""

    source: str
    #: The class of :mod:`leanfeed.errors`, such as ``UnavailableError``.
    error: str
    message: str


@frozen
class Fallback:
    """A source that was asked because those before it did not do."""

    source: str
    sessions: int
    #: What became of the source before it.
    reason: str


@frozen
class SeriesReport:
    """What became of one series. The groups are disjoint; together they are what was asked."""

    series: Series
    #: On disk before this run.
    present: tuple[Session, ...] = ()
    #: Put on disk by this run.
    written: tuple[Session, ...] = ()
    #: Those of this run that were going on, or not settled yet; the next run fetches them again.
    provisional: tuple[Session, ...] = ()
    #: A provider affirmed, now or earlier, that there was no trading.
    no_trades: tuple[Session, ...] = ()
    #: Those that were on disk and fetched again.
    refreshed: tuple[Session, ...] = ()
    #: Those of `refreshed` whose bars are others now, each with what changed.
    changed: Mapping[Session, str] = field(factory=dict)
    #: Those of `present` that were to be fetched again and were not, each with the reason.
    not_refreshed: Mapping[Session, str] = field(factory=dict)
    #: Still missing, each with the reason.
    missing: Mapping[Session, str] = field(factory=dict)
    #: Which source gave each session of this run.
    sources: Mapping[Session, str] = field(factory=dict)
    #: Files that this run replaced and whose old form is worth a look, because it was damaged or
    #: larger, and where that was kept; both relative to the data folder.
    kept_aside: Mapping[str, str] = field(factory=dict)
    #: Damaged files that nobody could replace, relative to the data folder.
    damaged: tuple[str, ...] = ()
    #: The symbols of the request that had this ticker, by LEAN's map files.
    asked_as: tuple[Symbol, ...] = Factory(lambda self: (self.series.symbol,), takes_self=True)

    @property
    def complete(self) -> bool:
        """Nothing is missing, and what was to be fetched again was."""
        return not self.missing and not self.not_refreshed


@frozen
class Report:
    """What :func:`leanfeed.ensure` did."""

    data_folder: Path
    #: First and last day asked for.
    window: tuple[dt.date, dt.date]
    #: The window with the warm-up before it.
    extended_window: tuple[dt.date, dt.date]
    series: tuple[SeriesReport, ...]
    #: Sources that gave up on the way, in the order they were asked.
    failures: tuple[Failure, ...] = ()
    #: Sources that were asked for what others did not give, in order.
    fallbacks: tuple[Fallback, ...] = ()
    http_requests: int = 0
    #: How many of the HTTP requests repeated one that had failed.
    http_retries: int = 0
    #: Sessions that nobody had to be asked for.
    cache_hits: int = 0
    #: Bytes that came over the wire.
    bytes_fetched: int = 0
    bytes_written: int = 0
    duration_seconds: float = 0.0
    #: Sessions before the listing of a symbol or after its delisting, by LEAN's map files; they are
    #: in no series, and nobody was asked for them.
    unlisted: Mapping[Symbol, tuple[Session, ...]] = field(factory=dict)

    @property
    def complete(self) -> bool:
        """Every session asked for is on disk, or known to have had no trading."""
        return not self.missing_sessions

    @property
    def written_sessions(self) -> int:
        """Number of sessions that this run put on disk."""
        return sum(len(s.written) for s in self.series)

    @property
    def missing_sessions(self) -> int:
        """Number of sessions that are still missing."""
        return sum(len(s.missing) for s in self.series)

    @property
    def by_source(self) -> dict[str, int]:
        """How many sessions each source gave in this run, affirmed empty ones included."""
        counts: dict[str, int] = {}
        for s in self.series:
            for source in s.sources.values():
                counts[source] = counts.get(source, 0) + 1
        return counts

    def raise_for_missing(self) -> None:
        """Do nothing when :attr:`complete`.

        Raises:
            IncompleteError: sessions are missing; the message says which and why.
        """
        if not self.complete:
            count = counted(self.missing_sessions, "session")
            lines = [f"{count} still missing:", *_missing_lines(self), *_failure_lines(self)]
            raise IncompleteError("\n".join(lines))

    def to_dict(self) -> dict[str, Any]:
        """The report as plain JSON values."""
        return {
            "complete": self.complete,
            "data_folder": str(self.data_folder),
            "window": [day.isoformat() for day in self.window],
            "extended_window": [day.isoformat() for day in self.extended_window],
            "cache_hits": self.cache_hits,
            "written_sessions": self.written_sessions,
            "missing_sessions": self.missing_sessions,
            "http_requests": self.http_requests,
            "http_retries": self.http_retries,
            "bytes_fetched": self.bytes_fetched,
            "bytes_written": self.bytes_written,
            "duration_seconds": round(self.duration_seconds, 3),
            "by_source": self.by_source,
            "failures": [
                {"source": f.source, "error": f.error, "message": f.message} for f in self.failures
            ],
            "series": [_series_dict(s) for s in self.series],
            "unlisted": {
                symbol.ticker: [str(session) for session in sessions]
                for symbol, sessions in self.unlisted.items()
            },
        }

    def to_json(self) -> str:
        """The report as indented JSON."""
        return json.dumps(self.to_dict(), indent=2)

    def __str__(self) -> str:
        start, end = self.window
        warmup = f", warm-up from {self.extended_window[0]}" * (self.extended_window != self.window)
        verdict = "complete"
        if not self.complete:
            verdict = f"{counted(self.missing_sessions, 'session')} still missing"
        lines = [f"{start} … {end}{warmup} in {self.data_folder}: {verdict}"]
        lines += grouped((s.series, _outcome(s)) for s in self.series)
        lines += unlisted_lines(self.unlisted)
        lines += _missing_lines(self) + _failure_lines(self) + _damage_lines(self)
        again = f" ({self.http_retries} again)" if self.http_retries else ""
        given = "".join(f"{count} from {source}, " for source, count in self.by_source.items())
        lines.append(
            f"  {given}{self.cache_hits} already there; "
            f"{counted(self.http_requests, 'request')}{again}, {size(self.bytes_fetched)} fetched, "
            f"{size(self.bytes_written)} written in {self.duration_seconds:.1f} s"
        )
        return "\n".join(lines)


def _series_dict(s: SeriesReport) -> dict[str, Any]:
    return {
        "symbol": s.series.symbol.ticker,
        "asked_as": [symbol.ticker for symbol in s.asked_as],
        "resolution": s.series.resolution.value,
        "tick_type": s.series.tick_type.value,
        "present": [str(session) for session in s.present],
        "written": [str(session) for session in s.written],
        "provisional": [str(session) for session in s.provisional],
        "no_trades": [str(session) for session in s.no_trades],
        "missing": {str(session): reason for session, reason in s.missing.items()},
        "sources": {str(session): source for session, source in s.sources.items()},
        "kept_aside": dict(s.kept_aside),
        "damaged": list(s.damaged),
    }


def _outcome(s: SeriesReport) -> str:
    counts = {
        "already there": len(s.present),
        "written": len(s.written),
        "provisional": len(s.provisional),
        "without trades": len(s.no_trades),
        "missing": len(s.missing),
    }
    found = ", ".join(f"{n} {what}" for what, n in counts.items() if n) or "no sessions"
    if s.no_trades and not (s.present or s.written or s.missing):
        found += " (no trade at all: is the ticker right?)"
    return found + other_names(s.series, s.asked_as)


def _missing_lines(report: Report) -> list[str]:
    """What is missing and why, with one line for series that lack the same for one reason."""
    lacks: list[tuple[Series, str]] = []
    for s in report.series:
        by_reason: dict[str, list[Session]] = {}
        for session, reason in s.missing.items():
            by_reason.setdefault(reason, []).append(session)
        lacks += [
            (s.series, f"missing {ranges(sessions)}{other_names(s.series, s.asked_as)}: {reason}")
            for reason, sessions in by_reason.items()
        ]
    return grouped(lacks)


def _failure_lines(report: Report) -> list[str]:
    return [f"  {failure.source} gave up: {failure.message}" for failure in report.failures]


def _damage_lines(report: Report) -> list[str]:
    lines = []
    for s in report.series:
        lines += [
            f"  {path} was damaged and is replaced; the old file is {kept}"
            for path, kept in s.kept_aside.items()
        ]
        lines += [f"  {path} is damaged, and nobody could replace it" for path in s.damaged]
    return lines
