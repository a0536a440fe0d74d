"""What is logged of one run: its start, its steps and its end, and what lies between."""

from __future__ import annotations

import logging
import os
import time
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from attrs import Factory, define, field, frozen

from leanfeed.events import Event, RunFinished, RunStarted, SourceStarted
from leanfeed.observe.records import POLYGON, Record, event_record, record_name
from leanfeed.observe.sentences import sentence
from leanfeed.plans import Plan
from leanfeed.report import Report, SeriesReport
from leanfeed.values import Resolution, Session, Written
from leanfeed.wording import counted

__all__ = ["RunRecords"]


@frozen
class _Start:
    plan: Plan
    sources: tuple[str, ...]
    at: float = Factory(lambda: time.monotonic())


@define
class _Stored:
    """What was stored of one resolution."""

    bytes_written: int = 0
    #: When the last session was stored, in seconds from the start of the run.
    seconds: float = 0.0


@define
class RunRecords:
    """Turns the events of one run into records."""

    run_id: str = field(factory=lambda: os.urandom(4).hex())
    _start: _Start | None = field(default=None, init=False)
    _stored: defaultdict[Resolution, _Stored] = field(
        factory=lambda: defaultdict(_Stored), init=False
    )

    @property
    def has_started(self) -> bool:
        """Whether the plan is made; damaged files are announced before."""
        return self._start is not None

    def of(self, event: Event) -> Iterator[Record]:
        """One record for each event; at the end more."""
        match event:
            case RunStarted(plan, sources):
                self._start = _Start(plan, sources)
                yield Record(self._name("leanfeed.run_start"), sentence(event), _asked(plan))
            case SourceStarted(reason=reason) if reason:
                yield _fallback(event)
            case RunFinished(report):
                if self._start is not None:
                    for resolution in self._start.plan.request.resolutions:
                        yield self._step(self._start.plan, report, resolution)
                yield self._complete(event)
            case _:
                yield event_record(event)

    def count(self, written: Written) -> None:
        """One more session was stored."""
        stored = self._stored[written.series.resolution]
        stored.bytes_written += written.bytes_written
        if self._start is not None:
            stored.seconds = time.monotonic() - self._start.at

    def _name(self, name: str) -> str:
        """A run is about the first source of its chain."""
        sources = self._start.sources if self._start else ()
        return record_name(name, next(iter(sources), POLYGON))

    def _step(self, plan: Plan, report: Report, resolution: Resolution) -> Record:
        foreign = {s.series: s.foreign for s in plan.series}
        done = [s for s in report.series if s.series.resolution is resolution]
        cached = sum(_cached(s, foreign.get(s.series, ())) for s in done)
        step: dict[str, Any] = {
            "resolution": resolution.value,
            "symbol_count": len(plan.request.symbols),
            "window": [day.isoformat() for day in plan.window],
            "duration_seconds": round(self._stored.get(resolution, _Stored()).seconds, 3),
            "sessions": sum(map(_asked_for, done)),
            "cached": cached,
            "fetched": sum(len(s.sources) for s in done),
            "missing": sum(len(s.missing) for s in done),
        }
        text = (
            f"{resolution}: {counted(step['symbol_count'], 'symbol')}, "
            f"{counted(step['sessions'], 'session')}, {cached} cached, "
            f"{step['duration_seconds']:.1f} s"
        )
        missing = f", {step['missing']} missing" if step["missing"] else ""
        return Record(self._name("leanfeed.run_step"), text + missing, step)

    def _complete(self, event: RunFinished) -> Record:
        report = event.report
        done = {
            "total_duration_seconds": round(report.duration_seconds, 3),
            "complete": report.complete,
            "cancelled": event.is_cancelled,
            "written_sessions": report.written_sessions,
            "missing_sessions": report.missing_sessions,
            "by_source": report.by_source,
            "http_requests": report.http_requests,
            "http_retries": report.http_retries,
            "cache_hits": report.cache_hits,
            "bytes_fetched": report.bytes_fetched,
            "bytes_written": self._bytes_written(),
        }
        is_as_wanted = report.complete or event.is_cancelled
        level = logging.INFO if is_as_wanted else logging.WARNING
        return Record(self._name("leanfeed.run_complete"), sentence(event), done, level)

    def _bytes_written(self) -> dict[str, int]:
        asked = self._start.plan.request.resolutions if self._start else ()
        nothing = dict.fromkeys((resolution.value for resolution in asked), 0)
        return nothing | {r.value: stored.bytes_written for r, stored in self._stored.items()}


def _asked_for(s: SeriesReport) -> int:
    """How many sessions it is about."""
    if not (s.sources or s.missing):
        return len(s.present) + len(s.no_trades)
    return len({*s.present, *s.no_trades, *s.sources, *s.missing})


def _cached(s: SeriesReport, foreign: tuple[Session, ...]) -> int:
    """How many nobody was asked for: not even to refresh them, as foreign ones are not."""
    asked = {*s.sources, *s.not_refreshed} - {*foreign}
    if not asked:
        return len(s.present) + len(s.no_trades)
    return len({*s.present, *s.no_trades} - asked)


def _asked(plan: Plan) -> dict[str, Any]:
    return {
        "symbols": list(plan.request.spelt_symbols),
        "resolutions": [resolution.value for resolution in plan.request.resolutions],
        "window": [day.isoformat() for day in plan.window],
        "extended_window": [day.isoformat() for day in plan.extended_window],
        "missing": plan.missing,
        "refresh": plan.refresh,
        "cached": plan.known,
    }


def _fallback(event: SourceStarted) -> Record:
    """The chain's reason is the name of the source before, a colon, and what became of it."""
    before, _, reason = event.reason.partition(": ")
    fields = {"from": before, "to": event.source, "reason": reason, "sessions": event.sessions}
    name = record_name("leanfeed.source_fallback", before)
    return Record(name, sentence(event), fields, logging.WARNING)
