"""Ctrl-C and SIGTERM end a run at its next safe point instead of tearing through it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import click

__all__ = ["StopSignals", "cancelled_by_signals"]

#: What a terminal, a service manager and a closed connection send; Windows has no SIGHUP.
_SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)


class StopSignals:
    """What cancels the run: set by the first signal. The second one acts as it did before."""

    def __init__(self) -> None:
        self.number = 0
        self._before: dict[int, Any] = {}

    def is_set(self) -> bool:
        """Whether a signal has come."""
        return bool(self.number)

    def install(self) -> None:
        """Begin to listen. A signal that is ignored, as in a background job, stays ignored."""
        if threading.current_thread() is not threading.main_thread():
            return
        for number in _SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._hear)

    def restore(self) -> None:
        """Leave the signals as they were."""
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before.clear()

    def _hear(self, number: int, _frame: FrameType | None) -> None:
        self.number = number
        self.restore()


@contextmanager
def cancelled_by_signals(*, as_json: bool = False) -> Iterator[StopSignals]:
    """What to hand to a run as `cancel`; a run that it ended ends the command, by its number.

    Args:
        as_json: what had happened until then goes to standard output.
    """
    stop = StopSignals()
    stop.install()
    try:
        yield stop
    except Exception as error:
        from leanfeed.errors import CancelledError

        if not isinstance(error, CancelledError):
            raise
        if as_json and error.report is not None:
            click.echo(error.report.to_json())
        click.echo(f"Interrupted. {error}", err=True)
        raise click.exceptions.Exit(128 + stop.number) from None
    finally:
        stop.restore()
