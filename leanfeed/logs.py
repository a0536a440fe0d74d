"""The log of a run: what it announces, told to the logger ``leanfeed`` without secrets."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from leanfeed.events import listening
from leanfeed.observe import DataDownloadLog
from leanfeed.redaction import Redactor

__all__ = ["logged", "redacting_logs"]

_logger = logging.getLogger("leanfeed")


@contextmanager
def logged(redactor: Redactor) -> Iterator[None]:
    """Log the run inside the ``with`` block."""
    if not _logger.handlers:  # else Python would print warnings of a program that wants no log
        _logger.addHandler(logging.NullHandler())
    with listening(DataDownloadLog()), redacting_logs(redactor):
        yield


@contextmanager
def redacting_logs(redactor: Redactor) -> Iterator[None]:
    """Redact what is logged with the logger ``leanfeed`` inside the ``with`` block.

    Whoever handles the records, and at whatever level; of records of loggers below it, what its own
    handlers show.
    """
    redaction = _Redaction(redactor)
    places = (_logger, *_logger.handlers)
    for place in places:
        place.addFilter(redaction)
    try:
        yield
    finally:
        for place in places:
            place.removeFilter(redaction)


class _Redaction(logging.Filter):
    """Lets every record pass, without secrets."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__()
        self._redactor = redactor

    def filter(self, record: logging.LogRecord) -> bool:
        message = _message(record)
        redacted = self._redactor(message)
        if redacted != message:
            record.msg, record.args = redacted, ()
        if record.exc_info and record.exc_info[1] is not None:
            trace = "".join(traceback.format_exception(record.exc_info[1])).rstrip("\n")
            if self._redactor(trace) != trace:
                # Without the error itself: what else shows it would not know what to hide.
                record.exc_info, record.exc_text = None, trace
        for name, value in vars(record).items():
            if isinstance(value, str) and name != "msg":
                setattr(record, name, self._redactor(value))
        return True


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):  # the handler will tell
        return f"{record.msg} {record.args!r}"
