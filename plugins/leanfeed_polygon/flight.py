"""Work in several threads, its results in order, and never far ahead of who takes them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

__all__ = ["in_order"]

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_order(
    work: Callable[[Item], Result], items: Iterable[Item], *, threads: int
) -> Generator[Result, None, None]:
    """``work(item)`` of every item, in the order of `items`.

    An item is started only while fewer than twice `threads` results wait, so memory is bounded
    however slowly they are taken. Each runs in a copy of the caller's context: what it announces is
    heard. An exception of `work` is raised in its turn. Closing the iterator cancels what has not
    started and does not wait for the rest: whoever closes it makes `work` end.
    """
    pool = ThreadPoolExecutor(threads, thread_name_prefix="leanfeed-polygon")
    waiting: deque[Future[Result]] = deque()
    try:
        for item in items:
            waiting.append(pool.submit(copy_context().run, work, item))
            if len(waiting) >= 2 * threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
