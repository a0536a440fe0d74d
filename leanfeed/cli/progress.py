"""The progress bar on a terminal: sessions, requests, time left and the source being asked."""

from __future__ import annotations

from itertools import count
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
)
from rich.text import Text

from leanfeed.events import (
    Event,
    RequestAnswered,
    RunStarted,
    SessionStored,
    SourceStarted,
    Waiting,
)
from leanfeed.plans import Plan
from leanfeed.wording import duration

__all__ = ["ProgressBar"]


class _TimeLeft(ProgressColumn):
    """What the pace so far promises, but no less than the provider's rate limit allows."""

    def render(self, task: Task) -> Text:
        pace = task.time_remaining or 0.0
        limit = task.fields["at_least"] * (1 - task.completed / (task.total or 1))
        left = max(pace, limit)
        return Text(f"{duration(left)} left" if left else "")


def _rate_limit(plan: Plan) -> float:
    """Seconds that the rate limit of the first source takes at the least."""
    first = next(iter(plan.estimates.values()), None)
    return first.seconds if first else 0.0


class ProgressBar:
    """Listens to a run and shows it on standard error, while the ``with`` block lasts.

    Events may come from several threads: rich locks each update, and a count is taken atomically.
    """

    def __init__(self) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("sessions, {task.fields[requests]} requests,"),
            _TimeLeft(),
            console=Console(stderr=True),
            transient=True,
            redirect_stdout=False,
        )
        self._task: TaskID | None = None
        self._requests = count(1)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def __call__(self, event: Event) -> None:
        """Show one event."""
        if isinstance(event, RunStarted) and event.plan.missing:
            self._task = self._progress.add_task(
                "", total=event.plan.missing, requests=0, at_least=_rate_limit(event.plan)
            )
        if self._task is None:
            return
        match event:
            case SourceStarted():
                self._progress.update(self._task, description=event.source)
            case Waiting():
                wait = f"{event.source}, waiting {duration(event.seconds)} for its rate limit"
                self._progress.update(self._task, description=wait)
            case RequestAnswered():
                requests = next(self._requests)
                self._progress.update(self._task, description=event.source, requests=requests)
            case SessionStored():
                self._progress.advance(self._task)
            case _:
                pass
