"""Metrics of runs for Prometheus; needs the extra ``leanfeed[prometheus]``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leanfeed.errors import ConfigurationError
from leanfeed.events import (
    Event,
    RequestAnswered,
    RunFinished,
    SessionStored,
    SourceFailed,
    SourceStarted,
    Waiting,
)
from leanfeed.report import Report
from leanfeed.values import Resolution, Written

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

__all__ = ["Metrics"]

#: Upper bounds in seconds: from a run that finds everything on disk to one that takes all night.
_BUCKETS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 14400)


class Metrics:
    """Listens to runs and counts; one for all runs of a process, also for those at the same time.

    No metric has symbols among its labels, so their number stays small. Names and labels stand in
    ``docs/monitoring.md``.

    Args:
        registry: where the metrics are registered; the global one of prometheus-client unless
            given.

    Raises:
        ConfigurationError: prometheus-client is not installed, or the registry has them already.
    """

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        try:
            from prometheus_client import REGISTRY
        except ModuleNotFoundError as error:
            raise ConfigurationError(
                "Metrics need the package prometheus-client, which is not installed: "
                "pip install 'leanfeed[prometheus]'."
            ) from error
        try:
            self._register(registry or REGISTRY)
        except ValueError as error:
            raise ConfigurationError(
                "This registry has leanfeed's metrics already: make one Metrics and hand it to "
                "every run."
            ) from error

    def _register(self, registry: CollectorRegistry) -> None:
        from prometheus_client import Counter, Gauge, Histogram

        def counter(name: str, help: str, *labels: str) -> Counter:
            return Counter(f"leanfeed_{name}", help, labels, registry=registry)

        self._requests = counter("requests", "HTTP requests.", "source", "status")
        self._bytes_fetched = counter("bytes_fetched", "Bytes that came over the wire.")
        self._waiting = counter("waiting_seconds", "Seconds spent on providers' rate limits.")
        self._sessions = counter(
            "sessions",
            "Sessions that were not on disk, by what became of them.",
            *("source", "resolution", "outcome"),
        )
        self._cache_hits = counter("cache_hits", "Sessions that nobody had to be asked for.")
        self._bytes_written = counter("bytes_written", "Bytes put on disk.", "resolution")
        self._failures = counter("source_failures", "Sources that gave up.", "source", "error")
        self._fallbacks = counter(
            "fallbacks", "Times a source was asked for what another did not give.", "source"
        )
        self._duration = Histogram(
            "leanfeed_run_duration_seconds",
            "How long runs took, by how they ended.",
            ["result"],
            buckets=_BUCKETS,
            registry=registry,
        )
        self._last_success = Gauge(
            "leanfeed_last_success_timestamp_seconds",
            "When a run last ended with nothing missing, in seconds since 1970.",
            registry=registry,
        )
        # A rate needs the zero that stands before the first one.
        for result in ("cached", "complete", "incomplete", "cancelled"):
            self._duration.labels(result)
        for resolution in Resolution:
            self._sessions.labels("none", resolution.value, "missing")

    def __call__(self, event: Event) -> None:
        """Count one event."""
        match event:
            case RequestAnswered(source, _, status, bytes_fetched):
                self._requests.labels(source, str(status) if status else "none").inc()
                self._bytes_fetched.inc(bytes_fetched)
            case Waiting(_, seconds):
                self._waiting.inc(seconds)
            case SessionStored(written):
                self._count_stored(written)
            case SourceFailed(source, error):
                self._failures.labels(source, error).inc()
            case SourceStarted(source, _, reason) if reason:
                self._fallbacks.labels(source).inc()
            case RunFinished():
                self._count_run(event)

    def _count_stored(self, written: Written) -> None:
        resolution = written.series.resolution.value
        outcome = "written" if written.rows else "no_trades"
        self._sessions.labels(written.source, resolution, outcome).inc()
        self._bytes_written.labels(resolution).inc(written.bytes_written)

    def _count_run(self, event: RunFinished) -> None:
        report = event.report
        self._cache_hits.inc(report.cache_hits)
        result = "incomplete"
        if event.is_cancelled:
            result = "cancelled"
        elif report.complete:
            result = "complete" if report.by_source else "cached"
            self._last_success.set_to_current_time()
        else:
            self._count_missing(report)
        self._duration.labels(result).observe(report.duration_seconds)

    def _count_missing(self, report: Report) -> None:
        for s in report.series:
            if s.missing:
                resolution = s.series.resolution.value
                self._sessions.labels("none", resolution, "missing").inc(len(s.missing))
