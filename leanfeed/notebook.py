"""Progress in a notebook: one line that changes, and stays with the result when the run is over."""

from __future__ import annotations

import importlib
import sys
from time import monotonic
from typing import Any

from leanfeed.events import Event, Listener, RunFinished

__all__ = ["live_line"]

#: Seconds between two changes of the line.
_PAUSE = 0.25


def live_line() -> Listener | None:
    """What shows a run in the notebook that this is called in; None outside of notebooks."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return _LiveLine() if hasattr(shell, "kernel") else None


class _LiveLine:
    """Listens to a run; a run that has nothing to fetch is not shown."""

    def __init__(self) -> None:
        from leanfeed.tally import Tally  # late: outside of notebooks nobody needs it

        self._tally = Tally()
        self._display: Any = None
        self._due = 0.0

    def __call__(self, event: Event) -> None:
        self._tally(event)
        if not self._tally.total:
            return
        if isinstance(event, RunFinished):
            from leanfeed.report_text import headline

            self._show(headline(event.report))
        elif monotonic() >= self._due:
            self._due = monotonic() + _PAUSE
            self._show(self._tally.line)

    def _show(self, line: str) -> None:
        if self._display is None:
            display = importlib.import_module("IPython.display").display
            self._display = display({"text/plain": line}, raw=True, display_id=True)
        else:
            self._display.update({"text/plain": line}, raw=True)
