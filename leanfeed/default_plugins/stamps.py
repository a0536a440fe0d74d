"""The stamps of the files that some sessions should have."""

from __future__ import annotations

import contextlib
import os
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import accumulate
from pathlib import Path

from attrs import frozen

from leanfeed.stamps import Stamp

__all__ = ["Place", "Stamps", "stamp_of", "stamps_joined", "stamps_of"]

_ABSENT = Stamp(-1, -1, -1)
#: Where the numbers are searched as text, which is fast; no file has a size with such bytes.
_ABSENT_SIZE = array("q", [_ABSENT.size]).tobytes()
#: From so many files on the kernel is asked, because before that it takes longer to load.
_MANY = 2_000


@frozen
class Place:
    """A folder, and the names of the files in it that are wanted."""

    folder: str
    names: tuple[str, ...]


@frozen
class Stamps:
    """The files of some sessions, in their order; negative numbers where there is no file."""

    #: Each as in :class:`~leanfeed.stamps.Stamp`.
    sizes: array[int]
    mtimes_ns: array[int]
    changes_ns: array[int]

    @property
    def are_complete(self) -> bool:
        """Every session has a file."""
        return _ABSENT_SIZE not in self.sizes.tobytes()

    @property
    def are_absent(self) -> bool:
        """No session has a file."""
        return self.sizes.tobytes() == _ABSENT_SIZE * len(self.sizes)

    def __iter__(self) -> Iterator[Stamp | None]:
        """The stamp of each file, None where there is no file."""
        for stamp in map(Stamp, self.sizes, self.mtimes_ns, self.changes_ns):
            yield stamp if stamp != _ABSENT else None


def stamp_of(path: Path, count: int) -> Stamps:
    """The stamp of a file that `count` sessions share.

    Raises:
        OSError: the system refuses.
    """
    try:
        stamp = Stamp.of(path.stat())
    except FileNotFoundError:
        stamp = _ABSENT
    return _alike(stamp, count)


def stamps_joined(parts: Iterable[Stamps]) -> Stamps:
    """The files of sessions that follow one another."""
    joined = Stamps(array("q"), array("q"), array("q"))
    for part in parts:
        joined.sizes.extend(part.sizes)
        joined.mtimes_ns.extend(part.mtimes_ns)
        joined.changes_ns.extend(part.changes_ns)
    return joined


def stamps_of(places: Sequence[Place]) -> Callable[[], list[Stamps]]:
    """Begin to ask for the stamps of files of many folders, symbolic links followed.

    What is returned waits for them. It raises an OSError where the system refuses.
    """
    counts = [len(place.names) for place in places]
    if sum(counts) < _MANY:
        return lambda: [_asked(place) for place in places]
    from leanfeed.kernel.files import look  # late: it brings ctypes

    asked = look([(place.folder, _joined(place.names), len(place.names)) for place in places])

    def answer() -> list[Stamps]:
        columns = asked()
        if columns is None:
            return [_asked(place) for place in places]
        ends = accumulate(counts)
        parts = [slice(end - count, end) for count, end in zip(counts, ends, strict=True)]
        return [Stamps(*[column[part] for column in columns]) for part in parts]

    return answer


def _asked(place: Place) -> Stamps:
    """The stamps of one folder, asked for one by one."""
    found = []
    try:
        with _looking_into(place.folder) as (prefix, descriptor):
            for name in place.names:
                try:
                    found.append(Stamp.of(os.stat(prefix + name, dir_fd=descriptor)))
                except FileNotFoundError:
                    found.append(_ABSENT)
    except FileNotFoundError:
        return _alike(_ABSENT, len(place.names))
    except OSError as error:
        error.filename = os.path.join(place.folder, str(error.filename))
        raise
    return Stamps(*(array("q", (stamp[n] for stamp in found)) for n in range(len(_ABSENT))))


@lru_cache(maxsize=16)
def _joined(names: Sequence[str]) -> bytes:
    return b"".join(os.fsencode(name) + b"\0" for name in names)


def _alike(stamp: Stamp, count: int) -> Stamps:
    return Stamps(*(array("q", [number]) * count for number in stamp))


@contextlib.contextmanager
def _looking_into(folder: str) -> Iterator[tuple[str, int | None]]:
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
