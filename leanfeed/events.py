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
from typing import TYPE_CHECKING

from attrs import frozen

from leanfeed.values import Series, Session, Written

if TYPE_CHECKING:
    from leanfeed.plans import Plan
    from leanfeed.report import Report

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
class RunWaiting(Event):
    """Another run is fetching these series: this one waits for what it stores.

    Announced when the wait begins and every ten seconds.
    """

    series: tuple[Series, ...]
    #: How long the wait has lasted.
    seconds: float


@frozen
class SourceStarted(Event):
    """A source is asked for sessions that nobody before it had."""

    source: str
    sessions: int
    #: The name of the source before it, a colon, and why that did not do; empty for the first one.
    reason: str = ""


@frozen
class SourceSaid(Event):
    """A line of text that a source's provider or program printed. Never holds the key."""

    source: str
    text: str


@frozen
class SourceWarned(Event):
    """A source found fault with its provider's data: what it repaired, or left out."""

    source: str
    #: One sentence for each file or answer, whatever there is in it. The report has them, too.
    text: str


@frozen
class RequestAnswered(Event):
    """A provider answered one HTTP request, well or badly. Never holds the key."""

    source: str
    #: Path and query, without host.
    target: str
    #: HTTP status; 0 when no answer came.
    status: int
    #: Bytes that came over the wire, before decompression.
    bytes_fetched: int
    duration_seconds: float
    #: This was not the first try.
    is_retry: bool = False


@frozen
class Waiting(Event):
    """A source waits before its next request."""

    source: str
    seconds: float
    #: What for, such as ``the free tier`` or ``another try``.
    awaited: str = "its rate limit"


@frozen
class ClockDiffers(Event):
    """The system's clock and the provider's are more than five minutes apart.

    The run goes by the provider's clock from here on.
    """

    source: str
    #: How much the system's clock is ahead of the provider's; negative when it is behind.
    seconds: float


@frozen
class SessionStored(Event):
    """The writer confirmed one session."""

    written: Written


@frozen
class FileDamaged(Event):
    """A file in the data folder cannot be read: its sessions count as missing."""

    series: Series
    #: Relative to the data folder.
    path: str
    reason: str
    session: Session | None = None


@frozen
class SourceFailed(Event):
    """A source gave up: what it had delivered stands, the rest goes to the next source."""

    source: str
    error: str
    message: str


@frozen
class SourceFinished(Event):
    """A source has given what it had, whether it failed or not."""

    source: str
    #: How many sessions it delivered, affirmed empty ones included.
    sessions: int
    duration_seconds: float


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
