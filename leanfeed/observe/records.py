"""What is logged of one event: a name, a level, a sentence and plain fields."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from attrs import asdict, field, frozen

from leanfeed.events import (
    ClockDiffers,
    Event,
    FileDamaged,
    RequestAnswered,
    RunWaiting,
    SessionStored,
    SourceFailed,
    SourceFinished,
    SourceSaid,
    SourceStarted,
    SourceWarned,
    Waiting,
)
from leanfeed.observe.sentences import sentence
from leanfeed.values import Written

__all__ = ["POLYGON", "Record", "event_record", "record_name"]

#: The source whose records have names of their own.
POLYGON = "polygon"

_POLYGON_NAMES = {
    "leanfeed.run_start": "polygon_downloader_start",
    "leanfeed.run_step": "polygon_downloader_step",
    "leanfeed.run_complete": "polygon_downloader_complete",
    "leanfeed.source_failure": "polygon_downloader_failure",
    "leanfeed.source_fallback": "polygon_downloader_fallback",
}


@frozen
class Record:
    """One record before it has a run and a logger."""

    name: str
    text: str
    #: JSON's own types only. None of the names is one that :class:`logging.LogRecord` uses.
    fields: Mapping[str, Any] = field(factory=dict)
    level: int = logging.INFO


def record_name(name: str, source: str) -> str:
    """The name of a record about `source`: Polygon's own where it has one."""
    return _POLYGON_NAMES.get(name, name) if source == POLYGON else name


def event_record(event: Event) -> Record:
    """The record of an event that is understood without the run around it.

    What only an investigation needs has the level DEBUG.
    """
    text = sentence(event)
    match event:
        case SourceFailed(source, error, message):
            failure = {"source": source, "error": error, "error_message": message}
            name = record_name("leanfeed.source_failure", source)
            return Record(name, text, failure, logging.WARNING)
        case SourceStarted(source, sessions):
            started = {"source": source, "sessions": sessions}
            return Record("leanfeed.source_start", text, started, logging.DEBUG)
        case SourceFinished():
            return Record("leanfeed.source_finish", text, _rounded(event), logging.DEBUG)
        case SourceSaid():
            return Record("leanfeed.source_said", text, asdict(event), logging.DEBUG)
        case SourceWarned():
            return Record("leanfeed.source_warning", text, asdict(event), logging.WARNING)
        case RequestAnswered():
            return Record("leanfeed.source_request", text, _rounded(event), logging.DEBUG)
        case Waiting():
            return Record("leanfeed.source_waiting", text, _rounded(event))
        case ClockDiffers():
            return Record("leanfeed.clock_differs", text, _rounded(event), logging.WARNING)
        case RunWaiting(series, seconds):
            waiting = {"series": [str(one) for one in series], "seconds": round(seconds, 3)}
            return Record("leanfeed.run_waiting", text, waiting)
        case SessionStored(written):
            return Record("leanfeed.session_stored", text, _stored(written), logging.DEBUG)
        case FileDamaged(series, path, reason, session):
            damaged = {
                "series": str(series),
                "session": str(session) if session else None,
                "path": path,
                "reason": reason,
            }
            return Record("leanfeed.file_damaged", text, damaged, logging.WARNING)
        case _:
            return Record("leanfeed.event", text, {"kind": type(event).__name__}, logging.DEBUG)


def _rounded(event: Event) -> dict[str, Any]:
    """The fields of an event of plain values; seconds in milliseconds' precision."""
    return {
        name: round(value, 3) if isinstance(value, float) else value
        for name, value in asdict(event).items()
    }


def _stored(written: Written) -> dict[str, Any]:
    return {
        "symbol": written.series.symbol.ticker,
        "resolution": written.series.resolution.value,
        "tick_type": written.series.tick_type.value,
        "session": str(written.session),
        "source": written.source,
        "request_id": written.request_id,
        "rows": written.rows,
        "path": written.path,
        "bytes_written": written.bytes_written,
        "kept_aside": written.kept_aside,
        "is_changed": written.is_changed,
    }
