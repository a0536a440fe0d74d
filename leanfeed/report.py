"""What happened, session by session, made from what the writer confirmed."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import Factory, asdict, field, frozen

from leanfeed import errors
from leanfeed.errors import IncompleteError
from leanfeed.values import Series, Session, Symbol

__all__ = ["Failure", "Fallback", "Report", "SeriesReport"]


@frozen
class Failure:
    """A source that gave up, and why."""

    source: str
    #: The class of :mod:`leanfeed.errors`, such as ``UnavailableError``.
    error: str
    message: str

    @property
    def in_short(self) -> str:
        """The source, and in a few words why it gave up."""
        kind: type[errors.SourceError] = getattr(errors, self.error)
        return f"{self.source}: {kind.summary}"


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
    #: Those of `no_trades` that look like a hole in the provider's data, because the sessions
    #: around them are full: asked again a day later.
    suspicious: tuple[Session, ...] = ()
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


@frozen(repr=False)
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
    #: What sources found fault with in their providers' data, each a sentence.
    warnings: tuple[str, ...] = ()
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
        """Every session asked for is on disk, or known to have had no trading.

        And what was to be fetched again was.
        """
        return all(s.complete for s in self.series)

    @property
    def written_sessions(self) -> int:
        """Number of sessions that this run put on disk."""
        return sum(len(s.written) for s in self.series)

    @property
    def stored_sessions(self) -> int:
        """Number of sessions whose bars this run put on disk, for the first time or again."""
        return self.written_sessions + sum(len(s.refreshed) for s in self.series)

    @property
    def missing_sessions(self) -> int:
        """Number of sessions that are still missing."""
        return sum(len(s.missing) for s in self.series)

    @property
    def not_refreshed(self) -> int:
        """Number of sessions that were to be fetched again and were not."""
        return sum(len(s.not_refreshed) for s in self.series)

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
            from leanfeed.report_text import complaint

            raise IncompleteError(complaint(self))

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
            "not_refreshed": self.not_refreshed,
            "http_requests": self.http_requests,
            "http_retries": self.http_retries,
            "bytes_fetched": self.bytes_fetched,
            "bytes_written": self.bytes_written,
            "duration_seconds": round(self.duration_seconds, 3),
            "by_source": self.by_source,
            "failures": [asdict(failure) for failure in self.failures],
            "fallbacks": [asdict(fallback) for fallback in self.fallbacks],
            "warnings": list(self.warnings),
            "series": [_series_dict(s) for s in self.series],
            "unlisted": {
                symbol.ticker: [str(session) for session in sessions]
                for symbol, sessions in self.unlisted.items()
            },
        }

    def to_json(self) -> str:
        """The report as indented JSON."""
        return json.dumps(self.to_dict(), indent=2)

    def __repr__(self) -> str:
        start, end = self.window
        counts = f"{self.stored_sessions} stored, {self.missing_sessions} missing"
        return f"<Report of {start} … {end}: {counts}>"

    def __str__(self) -> str:
        from leanfeed.report_text import summary

        return summary(self)

    def _repr_html_(self) -> str:
        from leanfeed.report_text import as_html

        return as_html(self)


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
        "suspicious": [str(session) for session in s.suspicious],
        "refreshed": [str(session) for session in s.refreshed],
        "changed": {str(session): what for session, what in s.changed.items()},
        "not_refreshed": {str(session): reason for session, reason in s.not_refreshed.items()},
        "missing": {str(session): reason for session, reason in s.missing.items()},
        "sources": {str(session): source for session, source in s.sources.items()},
        "kept_aside": dict(s.kept_aside),
        "damaged": list(s.damaged),
    }
