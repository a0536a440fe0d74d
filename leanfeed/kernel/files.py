"""The seam to ``files.c``: what the system says of many files, asked on every processor at once."""

from __future__ import annotations

import os
from array import array
from collections.abc import Callable, Sequence
from ctypes import c_char_p, c_int32, c_int64, c_void_p
from itertools import accumulate, pairwise
from threading import Thread
from typing import Any, TypeAlias

from leanfeed.kernel import loaded

__all__ = ["Answer", "look"]

#: Asking is quick: more threads would wait for each other.
_MOST_THREADS = 4

#: Sizes, modification times and times of change, as in :class:`leanfeed.stamps.Stamp`; None when
#: Python has to ask, because the system refuses something or there is no kernel.
Answer: TypeAlias = "tuple[array[int], ...] | None"


def look(places: Sequence[tuple[str, bytes, int]]) -> Callable[[], Answer]:
    """Begin to ask, beside whatever the caller does until it calls what is returned: that waits.

    Args:
        places: folders, each with the names of files in it, every one with a 0 at its end, and with
            their number. The answer has those files in this order.
    """
    library = loaded()
    if library is None or os.name == "nt":
        return lambda: None
    ask = library.leanfeed_look
    ask.restype = c_int32
    ask.argtypes = (c_void_p, c_void_p, c_void_p, c_int64, c_void_p, c_void_p, c_void_p)
    ends = [0, *accumulate(count for *_, count in places)]
    columns = [array("q", bytes(8 * ends[-1])) for _ in range(3)]
    answers: list[int] = []

    def ask_for(first: int, arguments: tuple[Any, ...]) -> None:
        # The columns are its own as well: they stay while it writes, whoever waits for it or not.
        room = [column.buffer_info()[0] + 8 * ends[first] for column in columns]
        answers.append(ask(*arguments, *room))

    steps = max(1, min(_processors(), _MOST_THREADS, len(places)))
    bounds = [len(places) * step // steps for step in range(steps + 1)]
    threads = [
        Thread(target=ask_for, args=(first, _arguments(places[first:last])))
        for first, last in pairwise(bounds)
    ]
    started = [thread for thread in threads if _is_started(thread)]

    def answer() -> Answer:
        for thread in started:
            thread.join()
        return tuple(columns) if all(answers) and len(answers) == steps else None

    return answer


def _arguments(part: Sequence[tuple[str, bytes, int]]) -> tuple[Any, ...]:
    return (
        (c_char_p * len(part))(*(os.fsencode(folder) for folder, *_ in part)),
        (c_char_p * len(part))(*(names for _, names, _ in part)),
        (c_int64 * len(part))(*(count for *_, count in part)),
        len(part),
    )


def _is_started(thread: Thread) -> bool:
    try:
        thread.start()
    except RuntimeError:  # there is no room for another one
        return False
    return True


def _processors() -> int:
    """Those that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
