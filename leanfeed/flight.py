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
    work: Callable[[Item], Result],
    items: Iterable[Item],
    *,
    threads: int,
    name: str,
    lets_finish: bool = False,
    is_idle: Callable[[], bool] = lambda: False,
) -> Generator[Result, None, None]:
    """``work(item)`` of every item, in the order of `items`.

    An item is started only while fewer than twice `threads` results wait, so memory is bounded
    however slowly they are taken. Each runs in a copy of the caller's context: what it announces is
    heard. An exception of `work` is raised in its turn. Where the system allows fewer threads than
    asked for, it makes do with those, or with the caller's own.

    Args:
        work: is called in several threads at a time.
        items: is iterated in the caller's thread.
        threads: how many there are at the most.
        name: of the threads, before a number.
        lets_finish: closing the iterator cancels what has not started; whether to wait for the
            rest, or to leave it behind, because whoever closes it makes `work` end.
        is_idle: whether the next item has to be waited for; until then all results are given.
    """
    tasks: SimpleQueue[_Task] = SimpleQueue()
    waiting: deque[Future[Result]] = deque()
    started: list[Thread] = []
    allowed = threads
    try:
        for item in items:
            future = Future[Result]()
            tasks.put(partial(copy_context().run, _fulfil, future, work, item))
            waiting.append(future)
            del future  # an exception in it would hold itself, and all that `work` holds
            if len(started) < allowed:
                try:
                    started.append(_start(tasks, f"{name}_{len(started)}"))
                except RuntimeError:
                    allowed = len(started)
            if not allowed:
                _next(tasks)
            while len(waiting) >= 2 * threads or (waiting and is_idle()):
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()
        for _ in started:
            tasks.put(None)
        if lets_finish:
            for thread in started:
                thread.join()


def _start(tasks: SimpleQueue[_Task], name: str) -> Thread:
    """A thread that does not keep its process from ending."""

    def run() -> None:
        while _next(tasks):
            pass

    thread = Thread(target=run, name=name, daemon=True)
    thread.start()
    return thread


def _next(tasks: SimpleQueue[_Task]) -> bool:
    """Do the next task; False when there are no more."""
    task = tasks.get()
    if task is None:
        return False
    task()
    del task  # its result may be large, and an exception in it would hold itself
    return True


def _fulfil(future: Future[Result], work: Callable[[Item], Result], item: Item) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        future.set_result(work(item))
    except BaseException as error:
        future.set_exception(error)
    del future  # as in in_order; a result may hold an error, too
