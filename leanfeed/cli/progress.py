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
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)

from leanfeed.events import Event, RequestAnswered, RunStarted, SessionStored, SourceStarted

__all__ = ["ProgressBar"]


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
            TimeRemainingColumn(),
            TextColumn("left"),
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
            self._task = self._progress.add_task("", total=event.plan.missing, requests=0)
        if self._task is None:
            return
        match event:
            case SourceStarted():
                self._progress.update(self._task, description=event.source)
            case RequestAnswered():
                self._progress.update(self._task, requests=next(self._requests))
            case SessionStored():
                self._progress.advance(self._task)
            case _:
                pass
