"""Progress where there is no terminal: a line now and then, and none for a short run."""

from __future__ import annotations

from time import monotonic

import click

from leanfeed.events import Event, RunFinished
from leanfeed.tally import Tally

__all__ = ["ProgressLines"]

#: Seconds until the first line, and the longest pause between two; each is twice the one before.
_FIRST, _LONGEST = 10.0, 60.0


class ProgressLines:
    """Listens to a run and tells how far it is, on standard error."""

    def __init__(self) -> None:
        self._tally = Tally()
        self._pause = _FIRST
        self._due = monotonic() + _FIRST

    def __call__(self, event: Event) -> None:
        """Take note of one event, and tell when it is time to."""
        self._tally(event)
        if monotonic() < self._due or not self._tally.total or isinstance(event, RunFinished):
            return
        for line in (*self._tally.notices, self._tally.line):
            click.echo(line, err=True)
        self._tally.notices.clear()
        self._pause = min(2 * self._pause, _LONGEST)
        self._due = monotonic() + self._pause
