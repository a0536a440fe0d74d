"""The same functions for programs with an event loop: each runs in a thread of its own.

    report = await leanfeed.aio.ensure("SPY", resolution="minute", start="2024-01-02")

Arguments, results and errors are those of :func:`leanfeed.ensure`, :func:`leanfeed.apply`,
:func:`leanfeed.plan` and :func:`leanfeed.load`. `progress` is called in the event loop, event after
event, for the last time before the function returns. When the task is cancelled, the run ends at
its next safe point, within five seconds, and then the task.
"""

from __future__ import annotations

import asyncio
import functools
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from contextvars import copy_context
from typing import Any, ParamSpec, TypeVar

from attrs import define, field

from leanfeed import applying, loading, pipeline
from leanfeed.events import Event, Listener
from leanfeed.watch import Cancel

__all__ = ["apply", "ensure", "load", "plan"]

P = ParamSpec("P")
Result = TypeVar("Result")


def _in_a_thread(function: Callable[P, Result]) -> Callable[P, Coroutine[Any, Any, Result]]:
    """Make a coroutine function of one that only reads, which nothing has to stop."""

    @functools.wraps(function)
    async def run(*args: P.args, **kwargs: P.kwargs) -> Result:
        return await asyncio.wrap_future(_started(functools.partial(function, *args, **kwargs)))

    run.__module__ = __name__
    return run


def _stoppable(function: Callable[P, Result]) -> Callable[P, Coroutine[Any, Any, Result]]:
    """Make a coroutine function of one that takes `progress` and `cancel`."""

    @functools.wraps(function)
    async def run(*args: P.args, **kwargs: P.kwargs) -> Result:
        how: dict[str, Any] = dict(kwargs)
        stop = _Stop(how.get("cancel"))
        teller = _Teller(how.get("progress") or None, stop, asyncio.get_running_loop())
        if teller.progress:
            how["progress"] = teller
        how["cancel"] = stop
        work = asyncio.wrap_future(_started(functools.partial(function, *args, **how)))
        is_cancelled = await _ended(work, stop)
        error = work.exception()
        if is_cancelled:
            raise asyncio.CancelledError
        if teller.error is not None:
            raise teller.error
        if error is not None:
            raise error
        return work.result()

    run.__module__ = __name__
    return run


async def _ended(work: asyncio.Future[Any], stop: _Stop) -> bool:
    """Wait until the thread is done; whether the task was cancelled meanwhile."""
    is_cancelled = False
    while not work.done():
        try:
            await asyncio.wait([work])
        except asyncio.CancelledError:
            is_cancelled = True
            stop.set()
    return is_cancelled


def _started(call: Callable[[], Result]) -> Future[Result]:
    """What `call` will return: a long run takes no place among the event loop's own threads."""
    future: Future[Result] = Future()
    future.set_running_or_notify_cancel()  # from here on nobody but the thread ends it
    context = copy_context()

    def work() -> None:
        try:
            result = context.run(call)
        except BaseException as error:
            future.set_exception(error)
        else:
            future.set_result(result)

    threading.Thread(target=work, name="leanfeed-aio", daemon=True).start()
    return future


class _Stop(threading.Event):
    """Is set by the caller's own `cancel`, too."""

    def __init__(self, cancel: Cancel | None) -> None:
        super().__init__()
        self._cancel = cancel

    def is_set(self) -> bool:
        return super().is_set() or (self._cancel is not None and self._cancel.is_set())


@define
class _Teller:
    """Called in the threads of a run; calls `progress` in the event loop, until that fails once."""

    progress: Listener | None
    stop: _Stop
    loop: asyncio.AbstractEventLoop
    error: Exception | None = field(default=None, init=False)

    def __call__(self, event: Event) -> None:
        self.loop.call_soon_threadsafe(self._tell, event)

    def _tell(self, event: Event) -> None:
        if self.progress is None or self.error is not None:
            return
        try:
            self.progress(event)
        except Exception as error:
            self.error = error
            self.stop.set()


ensure = _stoppable(pipeline.ensure)
apply = _stoppable(applying.apply)
plan = _in_a_thread(pipeline.plan)
load = _in_a_thread(loading.load)
