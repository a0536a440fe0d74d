"""The seam to ``tables.c``: lines of comma-separated values, grouped by a name, as columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from attrs import field, frozen

from leanfeed.kernel import loaded

__all__ = ["NAME", "PASSED_OVER", "TIME", "Lines", "Names", "read_lines"]

#: What a field of a line is, where it is not the number of a column.
NAME, TIME, PASSED_OVER = -2, -1, -3
_RUN_WIDTH = 4


@frozen(eq=False)
class Names:
    """Names that are looked up in the fields of lines, without what stands around them there."""

    #: Sorted; None: every name there is.
    wanted: tuple[bytes, ...] | None
    #: Bytes of a field before the name, and behind it.
    head: int = 0
    tail: int = 0
    _ends: npt.NDArray[np.int64] = field(init=False)
    _spelt: bytes = field(init=False)

    @_ends.default
    def _where_each_ends(self) -> npt.NDArray[np.int64]:
        return np.cumsum([len(name) for name in self.wanted or ()], dtype=np.int64)

    @_spelt.default
    def _one_after_the_other(self) -> bytes:
        return b"".join(self.wanted or ())

    @classmethod
    def of(cls, names: Iterable[bytes] | None, *, head: int = 0, tail: int = 0) -> Names:
        """In the order that is needed."""
        return cls(None if names is None else tuple(sorted(set(names))), head, tail)


@frozen(eq=False)
class Lines:
    """Lines that were read; none, when Python has to read the first one."""

    #: Where reading stopped, in bytes from the start: before the first line that is not plain.
    end: int
    #: The fields of :data:`NAME`, each with the number of lines that follow one another with it.
    runs: tuple[tuple[bytes, int], ...]
    times: npt.NDArray[np.int64]
    #: Of numbers, in the order of their numbers.
    columns: tuple[npt.NDArray[np.float64], ...]
    #: Lines whose names nobody wants.
    passed_over: int


def read_lines(text: bytes, fields: Sequence[int], names: Names, *, start: int = 0) -> Lines | None:
    """Read whole lines, as far as they are plain; None without a kernel.

    Args:
        text: lines, each ended by a line feed.
        fields: what each field of a line is.
        names: of the lines that are wanted.
        start: where in the text the first line begins.
    """
    library = loaded()
    if library is None:
        return None
    kinds = np.array(fields, dtype=np.int32)
    size = len(text) - start
    most = size // len(kinds) + 1  # a comma or a line feed ends each field
    times = np.empty(most, dtype=np.int64)
    columns = np.empty((max(fields) + 1, most), dtype=np.float64)
    runs = np.empty((most, _RUN_WIDTH), dtype=np.int64)
    done = np.zeros(3, dtype=np.int64)
    end = 0
    if b'"' not in text:
        end = library.leanfeed_read_lines(
            _address(np.frombuffer(text, dtype=np.uint8)) + start,
            size,
            _address(kinds),
            len(kinds),
            names._spelt,
            _address(names._ends),
            -1 if names.wanted is None else len(names.wanted),
            names.head,
            names.tail,
            _address(times),
            _address(columns),
            most,
            _address(runs),
            most,
            _address(done),
        )
    rows, count, passed_over = done.tolist()
    found = tuple(
        (text[start + at : start + at + length], lines)
        for at, length, _, lines in runs[:count].tolist()
    )
    read = tuple(column[:rows].copy() for column in columns)
    return Lines(end, found, times[:rows].copy(), read, passed_over)


def _address(array: npt.NDArray[Any]) -> int:
    return int(array.ctypes.data)
