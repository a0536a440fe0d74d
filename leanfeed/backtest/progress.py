"""How far a run has come, in the two numbers and the line of text that a user interface shows."""

from __future__ import annotations

from collections.abc import Callable

from attrs import define, frozen

from leanfeed.events import (
    Event,
    RunFinished,
    RunStarted,
    RunWaiting,
    SessionStored,
    SourceFailed,
    SourceStarted,
    Waiting,
)
from leanfeed.report_text import verdict
from leanfeed.wording import counted, duration

__all__ = ["Progress", "ProgressTeller"]


@frozen
class Progress:
    """How far a run has come."""

    #: Sessions that were to be fetched and are on disk now.
    done: int
    #: Sessions that are to be fetched; 0 when everything is there.
    total: int
    #: What is going on, in a line for people.
    text: str

    @property
    def fraction(self) -> float:
        """From 0 to 1; 1 when nothing is to be fetched."""
        return self.done / self.total if self.total else 1.0


@define
class ProgressTeller:
    """Listens to a run and tells its progress."""

    _tell: Callable[[Progress], None]
    _done: int = 0
    _total: int = 0

    def __call__(self, event: Event) -> None:
        """Tell what the event changes, if it is one for people."""
        match event:
            case RunStarted(plan):
                self._done, self._total = 0, sum(len(gap.sessions) for gap in plan.gaps)
                text = f"{counted(self._total, 'session')} to fetch, {plan.known} already there"
            case RunWaiting():
                text = "waiting for another run that is fetching the same"
            case SourceStarted(source, sessions, reason):
                why = f", because {reason}" if reason else ""
                text = f"asking {source} for {counted(sessions, 'session')}{why}"
            case Waiting(source, seconds, awaited):
                text = f"{source} waits {duration(seconds)} for {awaited}"
            case SourceFailed(source, message=message):
                text = f"{source} gave up: {message}"
            case SessionStored():
                self._done = min(self._done + 1, self._total)
                text = f"{self._done} of {counted(self._total, 'session')}"
            case RunFinished(report):
                text = verdict(report)
                if report.complete:  # another run may have fetched some of them
                    self._done = self._total
            case _:
                return
        self._tell(Progress(self._done, self._total, text))
