"""Work in several threads, its results in order, and never far ahead of who takes them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future
from contextvars import copy_context
from functools import partial
from queue import SimpleQueue
from threading import Thread
from typing import TypeVar

__all__ = ["in_order"]

Item = TypeVar("Item")
Result = TypeVar("Result")

#: Fulfils a future; None: there is nothing more to do.
_Task = Callable[[], None] | None


def in_order(
    work: Callable[[Item], Result], items: Iterable[Item], *, threads: int
) -> Generator[Result, None, None]:
    """``work(item)`` of every item, in the order of `items`.

    An item is started only while fewer than twice `threads` results wait, so memory is bounded
    however slowly they are taken. Each runs in a copy of the caller's context: what it announces is
    heard. An exception of `work` is raised in its turn. Closing the iterator cancels what has not
    started and does not wait for the rest: whoever closes it makes `work` end.

    Where the system allows fewer threads than asked for, it makes do with those.

    Raises:
        RuntimeError: the system allows no thread at all.
    """
    tasks: SimpleQueue[_Task] = SimpleQueue()
    waiting: deque[Future[Result]] = deque()
    started, allowed = 0, threads
    try:
        for item in items:
            future = Future[Result]()
            tasks.put(partial(copy_context().run, _fulfil, future, work, item))
            waiting.append(future)
            if started < allowed:
                try:
                    _start(tasks, started)
                    started += 1
                except RuntimeError:
                    if not started:
                        raise
                    allowed = started
            if len(waiting) >= 2 * threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()
        for _ in range(started):
            tasks.put(None)


def _start(tasks: SimpleQueue[_Task], number: int) -> None:
    """A thread that does not keep its process from ending."""

    def run() -> None:
        while True:
            task = tasks.get()
            if task is None:
                return
            task()
            del task  # its result may be large

    Thread(target=run, name=f"leanfeed-polygon_{number}", daemon=True).start()


def _fulfil(future: Future[Result], work: Callable[[Item], Result], item: Item) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        future.set_result(work(item))
    except BaseException as error:
        future.set_exception(error)
