"""What is announced while a run works: one stream of values for logs, progress and the report.

A run listens with :func:`listening`; whoever works below it, sources and plugins included, calls
:func:`announce`. The listener belongs to the current context (:mod:`contextvars`): a source that
works in threads starts them with ``contextvars.copy_context().run``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import RLock
from typing import TYPE_CHECKING, Any

from attrs import frozen

if TYPE_CHECKING:
    from leanfeed.events.on_the_way import (
        ClockDiffers,
        FileDamaged,
        RequestAnswered,
        RunWaiting,
        SourceFailed,
        SourceFinished,
        SourceSaid,
        SourceStarted,
        SourceWarned,
        Waiting,
    )
    from leanfeed.plans import Plan
    from leanfeed.report import Report
    from leanfeed.values import Written

__all__ = [
    "ClockDiffers",
    "Event",
    "FileDamaged",
    "Listener",
    "RequestAnswered",
    "RunFinished",
    "RunStarted",
    "RunWaiting",
    "SessionStored",
    "SourceFailed",
    "SourceFinished",
    "SourceSaid",
    "SourceStarted",
    "SourceWarned",
    "Waiting",
    "announce",
    "listening",
]


@frozen
class Event:
    """Something that happened."""


@frozen
class RunStarted(Event):
    """The plan is made; the first source has not been asked yet."""

    plan: Plan
    #: The chain, also when nobody has to be asked.
    sources: tuple[str, ...] = ()


@frozen
class SessionStored(Event):
    """The writer confirmed one session."""

    written: Written


@frozen
class RunFinished(Event):
    """The run is over, or was stopped: the report says how far it came."""

    report: Report
    #: The caller cancelled it before everything was there: what is missing nobody failed to give.
    is_cancelled: bool = False


#: What hears the events of a run, one at a time.
Listener = Callable[[Event], None]

_listener: ContextVar[Listener | None] = ContextVar("leanfeed_listener", default=None)


def announce(event: Event) -> None:
    """Tell the run in whose context this is called; outside a run nobody listens."""
    listener = _listener.get()
    if listener is not None:
        listener(event)


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Hear everything announced inside the ``with`` block. An outer listener hears it as well.

    Sources announce from several threads; a listener hears one event at a time.
    """
    outer = _listener.get()
    one_at_a_time = RLock()

    def both(event: Event) -> None:
        with one_at_a_time:
            listener(event)
            if outer is not None:
                outer(event)

    token = _listener.set(both)
    try:
        yield
    finally:
        _listener.reset(token)


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from leanfeed.events import on_the_way  # late: a run that lacks nothing announces none of them

    globals()[name] = getattr(on_the_way, name)
    return globals()[name]
