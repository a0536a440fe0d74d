"""Whether a run goes on: its caller may cancel it, fail in `progress`, or have a wrong clock."""

from __future__ import annotations

import datetime as dt
from typing import Protocol

from attrs import define, field

from leanfeed import events

__all__ = ["Cancel", "Watch"]


class Cancel(Protocol):
    """What cancels a run, such as a :class:`threading.Event`."""

    def is_set(self) -> bool:
        """Whether the run is to end."""
        ...


@define
class Watch:
    """Listens to a run and knows when it is over."""

    _progress: events.Listener | None = None
    _cancel: Cancel | None = None
    #: What the provider's clock says, when it differs from the system's; the run goes by it.
    _behind: dt.timedelta | None = field(default=None, init=False)
    _error: Exception | None = field(default=None, init=False)

    def hear(self, event: events.Event) -> None:
        """Pass the event on to the caller's `progress`, until that fails once.

        Its errors are the caller's and not those of the source in whose thread it is called.
        """
        match event:
            case events.RunStarted() | events.RunFinished():
                pass
            case events.ClockDiffers() if self._behind is None:
                self._behind = dt.timedelta(seconds=event.seconds)
        if self._progress is None or self._error is not None:
            return
        try:
            self._progress(event)
        except Exception as error:
            self._error = error

    @property
    def is_cancelled(self) -> bool:
        """Whether the caller has cancelled the run."""
        return self._cancel is not None and self._cancel.is_set()

    @property
    def is_over(self) -> bool:
        """Whether there is no point in going on."""
        return self._error is not None or self.is_cancelled

    @property
    def is_clock_wrong(self) -> bool:
        """Whether a provider's clock was found to differ from the system's."""
        return self._behind is not None

    def corrected(self, instant: dt.datetime) -> dt.datetime:
        """An instant of the system's clock by the provider's clock, as far as that is known."""
        return instant - self._behind if self._behind else instant

    def check(self) -> None:
        """Raise what `progress` raised; in the thread of the run, not in that of a source."""
        if self._error is not None:
            raise self._error
