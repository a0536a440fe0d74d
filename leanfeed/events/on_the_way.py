"""What is announced between the start and the end of a run: of sources, of waits and of files."""

from __future__ import annotations

from attrs import frozen

from leanfeed.events import Event
from leanfeed.values import Series, Session

__all__ = [
    "ClockDiffers",
    "FileDamaged",
    "RequestAnswered",
    "RunWaiting",
    "SourceFailed",
    "SourceFinished",
    "SourceSaid",
    "SourceStarted",
    "SourceWarned",
    "Waiting",
]


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
