"""Events as log lines on standard error, for ``--verbose``."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from leanfeed.events import (
    Event,
    FileDamaged,
    RequestAnswered,
    RunFinished,
    RunStarted,
    SessionStored,
    SourceFailed,
    SourceStarted,
    Waiting,
)
from leanfeed.wording import counted, duration

__all__ = ["log_event", "logging_to_stderr"]

_logger = logging.getLogger("leanfeed")


@contextmanager
def logging_to_stderr() -> Iterator[None]:
    """Show what leanfeed logs, from the level INFO up, inside the ``with`` block."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    level = _logger.level
    _logger.addHandler(handler)
    _logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        _logger.setLevel(level)
        _logger.removeHandler(handler)


def log_event(event: Event) -> None:
    """Log one event: a failure or a damaged file as a warning, the rest as information."""
    is_warning = isinstance(event, SourceFailed | FileDamaged)
    _logger.log(logging.WARNING if is_warning else logging.INFO, "%s", _sentence(event))


def _sentence(event: Event) -> str:
    match event:
        case RunStarted(plan=plan):
            return (
                f"run started: {counted(plan.missing, 'session')} missing, {plan.present} present"
            )
        case SourceStarted():
            because = f", because {event.reason}" if event.reason else ""
            return f"{event.source}: asked for {event.sessions} sessions{because}"
        case RequestAnswered():
            again = ", again" if event.is_retry else ""
            return (
                f"{event.source}: {event.status or 'no answer'} for {event.target}{again}, "
                f"{event.bytes_fetched} bytes in {event.duration_seconds:.2f} s"
            )
        case SessionStored(written=written):
            where = f" in {written.path}" if written.path else ""
            return (
                f"{written.source}: {written.series} {written.session}: {written.rows} bars{where}"
            )
        case Waiting():
            return f"{event.source}: waiting {duration(event.seconds)} for its rate limit"
        case FileDamaged():
            return f"damaged file {event.path}: {event.reason}"
        case SourceFailed():
            return f"{event.source}: {event.error}: {event.message}"
        case RunFinished(report=report):
            return (
                f"run finished: {counted(report.written_sessions, 'session')} written, "
                f"{report.missing_sessions} missing, {counted(report.http_requests, 'request')}"
            )
        case _:
            return repr(event)
