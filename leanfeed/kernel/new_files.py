"""The seam to ``new_files.c``: files written, read again, flushed and named in one call."""

from __future__ import annotations

import os
from array import array
from collections.abc import Iterable, Iterator, Sequence
from ctypes import CDLL, byref, c_char_p, c_int32, c_int64, c_void_p
from functools import cache
from typing import Any

from attrs import frozen

from leanfeed.kernel import loaded

__all__ = ["CAME_BACK_CHANGED", "NewFile", "put"]

#: Stands for an error's number where what was read again is not what was written.
CAME_BACK_CHANGED = -1


@frozen
class NewFile:
    """A file that is to be."""

    folder: str
    name: str
    content: bytes


def put(
    files: Sequence[NewFile], temporaries: Sequence[str], *, is_durable: bool
) -> tuple[list[tuple[int, int, int]], int] | None:
    """Put new files in their places, in this order.

    Args:
        files: those.
        temporaries: the name, in the same folder, that each has until it is whole.
        is_durable: whether files and folders are flushed to the disk.

    Returns:
        Of those that were put, the first ones, the fields of :class:`leanfeed.stamps.Stamp`, zeros
        where the system does not tell; and what ended it at the next one: the
        number of an error, EEXIST where anything stands in its place, :data:`CAME_BACK_CHANGED`, or
        0. None when Python has to do it.
    """
    library = loaded()
    if library is None or os.name == "nt":
        return None
    count = len(files)
    texts, numbers = c_char_p * count, c_int64 * count
    folders = [os.fsencode(file.folder) for file in files]
    stamps, done = array("q", bytes(24 * count)), c_int64(0)
    work = _function(library)
    ended = work(
        texts(*_paths(folders, temporaries)),
        texts(*_paths(folders, [file.name for file in files])),
        texts(*folders),
        texts(*(file.content for file in files)),
        numbers(*(len(file.content) for file in files)),
        count,
        is_durable,
        stamps.buffer_info()[0],
        byref(done),
    )
    found = stamps[: 3 * done.value]
    return [*zip(found[::3], found[1::3], found[2::3], strict=True)], int(ended)


def _paths(folders: Iterable[bytes], names: Iterable[str]) -> Iterator[bytes]:
    for folder, name in zip(folders, names, strict=True):
        yield b"%b/%b" % (folder, os.fsencode(name))


@cache
def _function(library: CDLL) -> Any:
    work = library.leanfeed_put
    work.restype = c_int32
    work.argtypes = (*[c_void_p] * 5, c_int64, c_int32, c_void_p, c_void_p)
    return work
