"""A quick look at a text: is it certainly what LEAN's reader wants?"""

from __future__ import annotations

import numpy as np

from leanfeed.values import Series, TickType

__all__ = ["is_plain"]

_COMMA, _LINE_END = ord(","), ord("\n")
_LONGEST_NUMBER, _LONGEST_TIME = 18, 8
#: ``yyyyMMdd HH:mm``
_STAMP = 14


def is_plain(text: bytes, series: Series) -> bool:
    """Whether every row is sound, and all its numbers are whole and there.

    That is so of nearly every file of equities, and seen several times as fast as by
    :func:`~leanfeed.lean.lines.sound_rows`; False says nothing.

    Args:
        text: with LF between rows and none at the end; not empty.
        series: what the file holds.
    """
    is_one_day = series.resolution.is_file_per_session
    if text.translate(None, b"0123456789,\n" if is_one_day else b"0123456789,\n :"):
        return False
    width = 11 if series.tick_type is TickType.QUOTE else 6
    characters = np.frombuffer(text + b"\n", dtype=np.uint8)
    ends = np.flatnonzero((characters == _COMMA) | (characters == _LINE_END))
    if len(ends) % width:
        return False
    is_line_end = (characters[ends] == _LINE_END).reshape(-1, width)
    if not is_line_end[:, -1].all() or is_line_end[:, :-1].any():
        return False
    lengths = (np.diff(ends, prepend=-1) - 1).reshape(-1, width)
    if lengths.min() < 1 or lengths.max() > _LONGEST_NUMBER:
        return False
    if is_one_day:
        return bool(lengths[:, 0].max() <= _LONGEST_TIME)
    starts = ends[width - 1 :: width] - lengths.sum(axis=1) - width + 1
    return bool(
        (lengths[:, 0] == _STAMP).all()
        and (characters[starts + 8] == ord(" ")).all()
        and (characters[starts + 11] == ord(":")).all()
        and text.count(b" ") == text.count(b":") == len(lengths)
    )
