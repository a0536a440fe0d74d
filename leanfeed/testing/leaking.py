"""Everything that a source says, in which no secret may be."""

from __future__ import annotations

import contextlib
import io
import logging
import pickle
import traceback
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self, cast

import attrs

from leanfeed.events import Event, listening
from leanfeed.interfaces import DataSource, Diagnosing, Estimating, Examining
from leanfeed.values import Gap

__all__ = ["Ears", "pickled", "texts_of", "texts_of_error"]


class Ears(logging.Handler):
    """Hears logs of every level, announced events, and what is printed, inside a ``with`` block."""

    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self._records: list[str] = []
        self._events: list[Event] = []
        self._printed = io.StringIO()
        self._stack = contextlib.ExitStack()

    def emit(self, record: logging.LogRecord) -> None:
        self._records.append(logging.Formatter().format(record) + repr(vars(record)))

    def __enter__(self) -> Self:
        for logger in (logging.getLogger(), logging.getLogger("leanfeed")):
            self._stack.callback(logger.setLevel, logger.level)
            logger.setLevel(logging.NOTSET if logger.parent else logging.DEBUG)
        logging.getLogger().addHandler(self)
        self._stack.callback(logging.getLogger().removeHandler, self)
        self._stack.enter_context(listening(self._events.append))
        self._stack.enter_context(contextlib.redirect_stdout(self._printed))
        self._stack.enter_context(contextlib.redirect_stderr(self._printed))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    @property
    def texts(self) -> dict[str, str]:
        """What was heard, by where."""
        return {
            "a log": "\n".join(self._records),
            "an event": repr(self._events),
            "what is printed": self._printed.getvalue(),
        }


def texts_of(source: DataSource, gaps: Sequence[Gap]) -> dict[str, str]:
    """What a source says of itself, by where."""
    said: dict[str, Callable[[], object]] = {
        "its repr": lambda: repr(source),
        "its str": lambda: str(source),
    }
    if attrs.has(type(source)):
        said["attrs.asdict of it"] = lambda: attrs.asdict(cast(attrs.AttrsInstance, source))
    if isinstance(source, Estimating):
        said["its estimate"] = lambda: source.estimate(gaps)
    if isinstance(source, Diagnosing):
        said["its diagnosis"] = source.diagnose
    if isinstance(source, Examining):
        said["its examination"] = lambda: list(source.examine())
    return {place: str(say()) for place, say in said.items()}


def texts_of_error(error: Exception | None) -> dict[str, str]:
    """What an error says, with those that led to it."""
    if error is None:
        return {}
    lines = traceback.format_exception(error)
    return {f"a {type(error).__name__}": "".join([repr(error), repr(error.args), *lines])}


def pickled(source: DataSource) -> bytes:
    """The source as a pickle; nothing when it cannot be pickled."""
    try:
        return pickle.dumps(source)
    except Exception:  # which is well: what has a secret need not be pickled
        return b""
