"""The seam to ``bars.c``: whether the bars of a session are certainly sound."""

from __future__ import annotations

from ctypes import PyDLL, c_char_p, c_double, c_int32, c_int64
from functools import cache
from typing import Any

from leanfeed.kernel import loaded

__all__ = ["are_sound"]


def are_sound(
    block: bytes,
    rows: int,
    *,
    grid: tuple[int, int, int],
    midnight: int,
    smallest: float,
    largest: tuple[float, float],
) -> bool:
    """Whether trade bars are certainly without fault; where they are not, Python has to look.

    Args:
        block: the columns one after the other, time as int64 and the others as float64.
        rows: how many bars there are.
        grid: where a bar may start at the earliest, where no longer, and at which steps.
        midnight: from where the steps count.
        smallest: what prices and volumes are at least.
        largest: what prices and what volumes are below.
    """
    library = loaded()
    if library is None:
        return False
    start, end, step = grid
    look = _function(library._name)
    return bool(look(block, rows, start, end, midnight, step, smallest, *largest))


@cache
def _function(path: str) -> Any:
    # So little work is done while other threads wait: to let them in would take as long.
    look = PyDLL(path).leanfeed_is_sound
    look.restype = c_int32
    look.argtypes = (c_char_p, *[c_int64] * 5, *[c_double] * 3)
    return look
