"""The seam to the kernel: each function answers as the Python road would, or that it is not sure.

The kernel is compiled when leanfeed is installed where a C compiler is. Everything works without
it, with the same results, some times slower; ``LEANFEED_KERNEL=off`` in the environment does so,
too. Its functions run beside other threads.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import frozen

if TYPE_CHECKING:
    from ctypes import CDLL

    import numpy as np
    import numpy.typing as npt

__all__ = [
    "Block",
    "Table",
    "format_rows",
    "format_sessions",
    "is_there",
    "library_name",
    "loaded",
    "read_rows",
]

#: The version of the interface in kernel.c.
_VERSION = 4
#: Bytes that a number takes at the most.
_WIDEST = 24
#: Bytes that are enough for nearly every row.
_USUAL = 80


def library_name() -> str:
    """The file beside this one that holds the compiled kernel."""
    return "kernel.dll" if os.name == "nt" else "kernel.so"


def is_there() -> bool:
    """Whether the kernel was compiled, can be loaded, and is not switched off."""
    return loaded() is not None


@frozen
class Table:
    """Rows that were read, column by column."""

    columns: tuple[npt.NDArray[Any], ...]
    #: Where the array ended.
    end: int


@frozen
class Block:
    """One session's columns that are to become text."""

    #: One after the other, each number in 8 bytes: times as int64, the others as float64.
    columns: bytes
    rows: int
    #: From where the times are counted.
    midnight: int
    #: The powers of ten by which the other columns are multiplied.
    scales: Sequence[int]


def read_rows(
    text: bytes, start: int, *, whole: Sequence[str], others: Sequence[str], most: int
) -> Table | None:
    """Read an array of flat JSON objects; None when Python has to.

    Args:
        text: holds the array.
        start: where in it the array begins.
        whole: names whose values are whole numbers, from 0 up to 2**53; their columns come first.
        others: names whose values are any numbers.
        most: rows that there may be.
    """
    library = loaded()
    if library is None:
        return None
    import numpy as np  # late: who only looks at files does without

    names = [*whole, *others]
    columns = np.empty((len(names), most), dtype=np.float64)
    data = np.frombuffer(text, dtype=np.uint8)
    end = np.zeros(1, dtype=np.int64)
    rows = library.leanfeed_read_rows(
        data.ctypes.data + start,
        len(data) - start,
        "".join(f"{name}\0" for name in names).encode(),
        len(names),
        (1 << len(whole)) - 1,
        columns.ctypes.data,
        most,
        end.ctypes.data,
    )
    if rows < 0:
        return None
    read = [column[:rows] for column in columns]
    first = [column.view(np.int64) for column in read[: len(whole)]]
    return Table((*first, *read[len(whole) :]), start + int(end[0]))


def format_rows(
    times: npt.NDArray[np.int64],
    columns: Sequence[npt.NDArray[np.float64]],
    scales: Sequence[int],
    *,
    midnight: int = 0,
    may_lack: bool = False,
) -> tuple[bytes, int]:
    """Rows as LEAN's text, and how many: all of them, or those before one that Python has to write.

    Args:
        times: the first column becomes the milliseconds since `midnight`, less than a day.
        columns: the others.
        scales: the powers of ten, 1 to 10**10, by which each of those is multiplied.
        midnight: from where to count.
        may_lack: whether NaN becomes an empty text; else Python has to write it, as infinity.
    """
    library = loaded()
    if library is None:
        return b"", 0
    import numpy as np  # late, as above

    # What leanfeed keeps is contiguous; a plugin's own call may not be.
    times, block = np.ascontiguousarray(times), np.array(columns)
    factors = np.array(scales, dtype=np.float64)
    out = np.empty(len(times) * (len(columns) + 1) * _WIDEST, dtype=np.uint8)
    done = np.zeros(1, dtype=np.int64)
    length = library.leanfeed_format_rows(
        times.ctypes.data,
        midnight,
        block.ctypes.data,
        factors.ctypes.data,
        len(columns),
        len(times),
        may_lack,
        out.ctypes.data,
        len(out),
        done.ctypes.data,
    )
    return out[:length].tobytes(), int(done[0])


def format_sessions(blocks: Sequence[Block]) -> list[bytes | None]:
    """The rows of several sessions as LEAN's texts; None in the place of what Python has to write.

    Args:
        blocks: the sessions, all with the same number of columns.
    """
    library = loaded()
    if library is None or not blocks:
        return [None] * len(blocks)
    import numpy as np  # late, as above

    rows = [block.rows for block in blocks]
    count = len(blocks[0].scales)
    out = np.empty(sum(rows) * _USUAL + (count + 1) * _WIDEST, dtype=np.uint8)
    lengths = np.zeros(len(rows), dtype=np.int64)
    library.leanfeed_format_sessions(
        b"".join(block.columns for block in blocks),
        np.array(rows, dtype=np.int64).tobytes(),
        np.array([block.midnight for block in blocks], dtype=np.int64).tobytes(),
        np.array([block.scales for block in blocks], dtype=np.float64).tobytes(),
        count,
        len(rows),
        out.ctypes.data,
        len(out),
        lengths.ctypes.data,
    )
    texts: list[bytes | None] = []
    end = 0
    for length in lengths.tolist():
        start, end = end, end + max(length, 0)
        texts.append(out[start:end].tobytes() if length >= 0 else None)
    return texts


def loaded() -> CDLL | None:
    """The compiled kernel itself; None where Python has to do all."""
    return None if os.environ.get("LEANFEED_KERNEL", "").lower() == "off" else _library()


@cache
def _library() -> CDLL | None:
    """The compiled kernel; None where there is none, or that of another leanfeed."""
    path = Path(__file__).with_name(library_name())
    if not path.is_file():
        return None
    from ctypes import CDLL, c_char_p, c_int32, c_int64, c_uint32, c_void_p

    try:
        library = CDLL(str(path))
        if library.leanfeed_version() != _VERSION:
            return None
        read, write = library.leanfeed_read_rows, library.leanfeed_format_rows
        read_lines, write_all = library.leanfeed_read_lines, library.leanfeed_format_sessions
    except (OSError, AttributeError):  # of another system, or something else
        return None
    read.restype = write.restype = read_lines.restype = c_int64
    read.argtypes = (
        c_void_p, c_int64, c_char_p, c_int32, c_uint32, c_void_p, c_int64, c_void_p,
    )  # fmt: skip
    write.argtypes = (
        c_void_p, c_int64, c_void_p, c_void_p, c_int32, c_int64, c_int32, c_void_p, c_int64,
        c_void_p,
    )  # fmt: skip
    write_all.restype = None
    write_all.argtypes = (*[c_char_p] * 4, c_int32, c_int64, c_void_p, c_int64, c_void_p)
    read_lines.argtypes = (
        c_void_p, c_int64, c_void_p, c_int32, c_char_p, c_void_p, c_int64, c_int32, c_int32,
        c_void_p, c_void_p, c_int64, c_void_p, c_int64, c_void_p,
    )  # fmt: skip
    return library
