"""How a run is stopped from outside, and how those who work for it hear of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

__all__ = ["Stop", "on_stop", "stoppable"]


class Stop:
    """Whether a run was stopped, and what is to be called when it is."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_set = False
        self._callbacks: list[Callable[[], None]] = []

    def __call__(self) -> None:
        """Stop the run: everybody who waits for it is called, each once."""
        with self._lock:
            self._is_set = True
            callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            callback()

    @property
    def is_set(self) -> bool:
        """Whether the run was stopped."""
        return self._is_set

    @contextmanager
    def calls(self, callback: Callable[[], None]) -> Iterator[None]:
        """Call `callback` when the run is stopped inside the ``with`` block, or was before."""
        with self._lock:
            if not self._is_set:
                self._callbacks.append(callback)
        if self._is_set:
            callback()
        try:
            yield
        finally:
            with self._lock:
                if callback in self._callbacks:
                    self._callbacks.remove(callback)


_current: ContextVar[Stop | None] = ContextVar("leanfeed_stop", default=None)


@contextmanager
def stoppable(stop: Stop) -> Iterator[None]:
    """Make `stop` the one that :func:`on_stop` means, inside the ``with`` block."""
    token = _current.set(stop)
    try:
        yield
    finally:
        _current.reset(token)


@contextmanager
def on_stop(callback: Callable[[], None]) -> Iterator[None]:
    """Call `callback` when the run is stopped while the ``with`` block lasts.

    For sources that wait: whoever fetches works in a thread of its own, which nothing interrupts.
    The callback comes from another thread, must return at once and not raise; it makes the wait
    end, by closing a socket, setting an event or signalling a process. Outside a run it is never
    called.
    """
    stop = _current.get()
    if stop is None:
        yield
        return
    with stop.calls(callback):
        yield
