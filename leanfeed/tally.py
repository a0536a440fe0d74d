"""How far a run has come, how fast it is and how long it will take: what progress displays show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from time import monotonic

from attrs import Factory, define

from leanfeed.events import (
    ClockDiffers,
    Event,
    RequestAnswered,
    RunStarted,
    RunWaiting,
    SessionStored,
    SourceSaid,
    SourceStarted,
    SourceWarned,
    Waiting,
)
from leanfeed.observe.sentences import sentence
from leanfeed.values import Resolution
from leanfeed.wording import counted, duration

__all__ = ["Tally"]

#: Before that much of a run, in seconds, nobody can tell how long it takes.
_TOO_EARLY = 1.0
#: How long after its end, in seconds, a wait may still be all that is known.
_PATIENCE = 15.0
_OK, _FAILED = 200, 400


@define
class Tally:
    """Listens to a run. All times are those of `clock`."""

    clock: Callable[[], float] = monotonic
    #: Sessions to be fetched, and those that are stored, in the order of the plan.
    total: Counter[Resolution] = Factory(Counter)
    done: Counter[Resolution] = Factory(Counter)
    bars: int = 0
    requests: int = 0
    #: Those of the requests that had no answer, or none of use, and how the last of them ended.
    failed: int = 0
    trouble: str = ""
    #: Who is asked; empty before anybody is.
    source: str = ""
    #: The last line that the source's program printed.
    said: str = ""
    #: What happened that a user should know at once, each a sentence.
    notices: list[str] = Factory(list)
    _started: float = Factory(lambda self: self.clock(), takes_self=True)
    #: What the first source expects, as long as it alone was asked.
    _expected_requests: int = 0
    _rate_limit: float = 0.0
    #: Where the pace is counted from: a source after the first has one of its own.
    _since: float = Factory(lambda self: self.clock(), takes_self=True)
    _done_before: int = 0
    _answers: int = 0
    _waits: list[float] = Factory(list)
    _awaited: str = ""

    def __call__(self, event: Event) -> None:
        """Take note of one event."""
        match event:
            case RunStarted(plan):
                for gap in plan.gaps:
                    self.total[gap.series.resolution] += len(gap.sessions)
                first = next(iter(plan.estimates.values()), None)
                if first is not None:
                    self._expected_requests, self._rate_limit = first.requests, first.seconds
            case SourceStarted(source, _, reason):
                self._ask(source, is_first=not reason)
                if reason:
                    self.notices.append(sentence(event))
            case ClockDiffers() | SourceWarned():
                self.notices.append(sentence(event))
            case Waiting(source, seconds, awaited):
                self._wait(seconds, f"for {awaited}")
            case RunWaiting():
                self._wait(0.0, "for another run that is fetching the same")
            case SourceSaid():
                self.said = sentence(event)
            case RequestAnswered(status=status):
                self.requests += 1
                self._answers += status == _OK
                if status < _OK or status >= _FAILED:
                    self.failed += 1
                    self.trouble = f"HTTP {status}" if status else "no answer"
                self._forget_waits()
            case SessionStored(written):
                resolution = written.series.resolution
                self.done[resolution] = min(self.done[resolution] + 1, self.total[resolution])
                self.bars += written.rows
                self._forget_waits()
            case _:
                pass

    def _ask(self, source: str, *, is_first: bool) -> None:
        self.source, self.said = source, ""
        self._waits = []
        self._since, self._done_before = self.clock(), self.done.total()
        if not is_first:
            self._expected_requests, self._rate_limit = 0, 0.0

    def _wait(self, seconds: float, awaited: str) -> None:
        self._waits.append(self.clock() + seconds)
        self._awaited = awaited

    def _forget_waits(self) -> None:
        """Those that are over: the others hold, whatever comes meanwhile of earlier requests."""
        self._waits = [end for end in self._waits if end > self.clock()]

    @property
    def waiting(self) -> str:
        """Why nobody asks now, such as ``waiting 12 s for the free tier``; else empty."""
        if not self._waits:
            return ""
        now = self.clock()
        if left := [end - now for end in self._waits if end > now]:
            return f"waiting {duration(min(left))} {self._awaited}"
        return f"waiting {self._awaited}" if now - max(self._waits) < _PATIENCE else ""

    @property
    def bars_per_second(self) -> float:
        """Bars stored, by the time that the run has taken."""
        return self.bars / max(self.clock() - self._started, _TOO_EARLY)

    @property
    def seconds_left(self) -> float | None:
        """What the pace so far promises, and at least what the rate limit takes; None: unknown."""
        elapsed = self.clock() - self._since
        total = self.total.total() - self._done_before
        done = (self.done.total() - self._done_before) / total if total else 1.0
        if self._expected_requests:  # hour and daily bars are stored at the end, all at once
            done = max(done, min(self._answers / self._expected_requests, 1.0) * 0.99)
        if done >= 1.0 or elapsed < _TOO_EARLY:
            return None
        by_pace = elapsed * (1 - done) / done if done else None
        by_limit = self._rate_limit - elapsed if self._rate_limit else None
        known = [seconds for seconds in (by_pace, by_limit) if seconds is not None]
        return max(known) if known and max(known) > 0 else None

    @property
    def pace(self) -> str:
        """Who is asked, and how it goes: ``polygon: 12 requests, 340 bars/s, about 3 min left``."""
        parts = [counted(self.requests, "request")]
        if self.failed:
            parts.append(f"{self.failed} failed ({self.trouble})")
        if self.bars:
            parts.append(f"{self.bars_per_second:,.0f} bars/s")
        left = self.seconds_left
        if left is not None and left >= 1:
            parts.append(f"about {duration(left)} left")
        return f"{self.source}: {', '.join(parts)}" if self.source else ""

    @property
    def line(self) -> str:
        """All of it on one line, for logs and notebooks."""
        of_each = ", ".join(f"{name} {self.done[name]}/{n}" for name, n in self.total.items())
        sessions = f"{self.done.total()} of {counted(self.total.total(), 'session')}"
        each = f" ({of_each})" if len(self.total) > 1 else ""
        return "; ".join(filter(None, (f"{sessions}{each}", self.pace, self.waiting)))
