"""Log records as JSON, one object a line, as Grafana's Loki and its like read them."""

from __future__ import annotations

import datetime as dt
import json
import logging
import math
from collections.abc import Mapping
from typing import Any

__all__ = ["JsonFormatter"]

#: What every record has; everything else came as ``extra``.
_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
#: How deep lists and mappings may lie in each other; what lies deeper becomes text.
_DEPTH = 6


class JsonFormatter(logging.Formatter):
    """One JSON object a line: ``ts level logger message``, then the fields of the record.

    ``ts`` is ISO 8601 in UTC with milliseconds. A traceback is in ``exception``. Everything but
    ASCII is escaped, so that no text can break or forge a line. A value that JSON does not have
    becomes text, and one that cannot even be shown becomes the name of its type: formatting never
    fails. A field with the name of a standard key is kept as ``extra_<name>``.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The record as a line without its end."""
        instant = dt.datetime.fromtimestamp(record.created, dt.UTC)
        line: dict[str, Any] = {
            "ts": instant.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "message": _message(record),
        }
        # A text that is there already may have been redacted.
        if trace := record.exc_text or (record.exc_info and self.formatException(record.exc_info)):
            line["exception"] = trace
        if record.stack_info:
            line["stack"] = self.formatStack(record.stack_info)
        for name, value in vars(record).items():
            if name not in _OWN:
                line[f"extra_{name}" if name in line else name] = _plain(value, _DEPTH)
        return json.dumps(line)


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception:  # the arguments do not fit the text, or cannot be shown
        return _shown(record.msg)


def _plain(value: object, depth: int) -> object:
    """The value in JSON's own types, as text where it has no such form."""
    try:
        match value:
            case None | bool() | str():
                return value
            case int() if -(2**63) <= value < 2**63:
                return value
            case float() if math.isfinite(value):
                return value
            case dt.date():
                return value.isoformat()
            case Mapping() if depth:
                return {_shown(key): _plain(inner, depth - 1) for key, inner in value.items()}
            case list() | tuple() | set() | frozenset() if depth:
                return [_plain(inner, depth - 1) for inner in value]
    except Exception:  # an object that fails when it is looked at
        return _shown(value)
    return _shown(value)


def _shown(value: object) -> str:
    try:
        return str(value)
    except Exception:
        return f"<{type(value).__name__}>"
