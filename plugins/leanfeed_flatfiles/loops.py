"""An event loop in a thread of its own, for callers that may have a loop already, or none."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from types import TracebackType
from typing import Any, Self, TypeVar

from attrs import define, field

__all__ = ["Loop", "result_of"]

Result = TypeVar("Result")

#: Seconds that what was cancelled has to end; whatever is left ends with the process.
_GRACE = 2.0


@define(eq=False)
class Loop:
    """Runs coroutines until its ``with`` block ends; those that are not done then are cancelled."""

    _loop: asyncio.AbstractEventLoop = field(factory=asyncio.new_event_loop, init=False)
    _futures: set[Future[Any]] = field(factory=set, init=False)
    _is_over: bool = field(default=False, init=False)
    _thread: threading.Thread = field(init=False, repr=False)

    def start(self, work: Coroutine[Any, Any, Result]) -> Future[Result]:
        """Begin some work, in a copy of the caller's context."""
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        self._futures.add(future)
        future.add_done_callback(self._futures.discard)
        if self._is_over:
            future.cancel()
        return future

    def cancel(self) -> None:
        """Cancel all work, also what is started later; from any thread."""
        self._is_over = True
        for future in tuple(self._futures):
            future.cancel()

    def __enter__(self) -> Self:
        thread = threading.Thread(target=self._run, name="leanfeed-flatfiles", daemon=True)
        thread.start()
        self._thread = thread
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.cancel()
        asyncio.run_coroutine_threadsafe(self._end(), self._loop)
        self._thread.join(_GRACE)

    async def _end(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        if others:
            await asyncio.wait(others, timeout=_GRACE)
        self._loop.stop()

    def _run(self) -> None:
        try:
            self._loop.run_forever()
        finally:
            self._loop.close()


def result_of(work: Coroutine[Any, Any, Result]) -> Result:
    """What a coroutine returns, wherever the caller stands."""
    with Loop() as loop:
        return loop.start(work).result()
