"""Sizes and modification times: how files are recognised without opening them."""

from __future__ import annotations

import contextlib
import os
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path

from attrs import frozen

__all__ = ["Stamps", "stamp_of", "stamps_of"]

_ABSENT = -1


@frozen
class Stamps:
    """The files of some sessions, in their order."""

    #: Bytes; negative where there is no file.
    sizes: array[int]
    #: Nanoseconds since 1970; negative where there is no file.
    mtimes_ns: array[int]

    @property
    def are_complete(self) -> bool:
        """Every session has a file."""
        return _ABSENT not in self.sizes


def stamp_of(path: Path, count: int) -> Stamps:
    """The stamp of a file that `count` sessions share.

    Raises:
        OSError: the system refuses.
    """
    try:
        stat = path.stat()
    except FileNotFoundError:
        return _alike(_ABSENT, _ABSENT, count)
    return _alike(stat.st_size, stat.st_mtime_ns, count)


def stamps_of(folder: Path, names: Sequence[str]) -> Stamps:
    """The stamps of files of one folder, symbolic links followed.

    Raises:
        OSError: the system refuses.
    """
    sizes, mtimes_ns = array("q"), array("q")
    try:
        with _looking_into(folder) as (prefix, descriptor):
            for name in names:
                try:
                    stat = os.stat(prefix + name, dir_fd=descriptor)
                except FileNotFoundError:
                    sizes.append(_ABSENT)
                    mtimes_ns.append(_ABSENT)
                else:
                    sizes.append(stat.st_size)
                    mtimes_ns.append(stat.st_mtime_ns)
    except FileNotFoundError:
        return _alike(_ABSENT, _ABSENT, len(names))
    except OSError as error:
        error.filename = folder / str(error.filename)
        raise
    return Stamps(sizes, mtimes_ns)


def _alike(size: int, mtime_ns: int, count: int) -> Stamps:
    return Stamps(array("q", [size]) * count, array("q", [mtime_ns]) * count)


@contextlib.contextmanager
def _looking_into(folder: Path) -> Iterator[tuple[str, int | None]]:
    """What to put before the names of its files, and the descriptor that they are relative to.

    A descriptor is the faster way, where there is one.
    """
    if os.stat not in os.supports_dir_fd:
        yield f"{folder}{os.sep}", None
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield "", descriptor
    finally:
        os.close(descriptor)
