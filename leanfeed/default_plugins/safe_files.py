"""Files that appear whole or not at all, and what is left of those that did not."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from threading import Lock
from time import monotonic, sleep
from typing import BinaryIO

from attrs import define, field

from leanfeed.default_plugins.disk_errors import came_back_changed
from leanfeed.default_plugins.durability import Durability
from leanfeed.default_plugins.own_names import is_abandoned, own_name
from leanfeed.stamps import Stamp

__all__ = [
    "Durability",
    "Staged",
    "leftovers",
    "make_folders",
    "rename",
    "staged",
    "staged_bytes",
    "stamp_of_new",
    "sweep",
    "sweep_folder",
]

_IS_WINDOWS = os.name == "nt"
#: On Windows a file that LEAN holds open cannot be replaced: how long to try, in seconds.
_PATIENCE = 15.0
_PAUSE = 0.1

#: On macOS the usual flush leaves bytes in the memory of the disk (fsync(2)); this one does not.
_FULL_FLUSH: int | None = 51 if sys.platform == "darwin" else None
_making = Lock()

#: File systems that cannot flush say so.
_CANNOT_SYNC = (errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS)


@define(eq=False)
class Staged:
    """A file that is whole, under a temporary name beside its final one."""

    temporary: str
    target: str
    durability: Durability
    #: It has its final name.
    is_put: bool = field(default=False, init=False)

    def put(self) -> None:
        """Give the file its final name, in one step; a file that stood there is gone."""
        rename(self.temporary, self.target)
        self.is_put = True
        if self.durability is Durability.FULL:
            _sync_folder(os.path.dirname(self.target))


@contextlib.contextmanager
def staged(
    target: str | Path,
    fill: Callable[[BinaryIO], object],
    *,
    check: Callable[[bytes], None] | None = None,
    durability: Durability = Durability.FULL,
) -> Iterator[Staged]:
    """Write a file beside `target`, for :meth:`Staged.put`.

    What was not put there is gone when the ``with`` block ends. After a flush that failed nothing
    is tried again, because the system may have dropped the bytes and forgotten the failure.

    Args:
        target: the final name; folders above it are made.
        fill: writes the content.
        check: is given the file as it is read again, and raises when it is not as it should be.
        durability: whether to flush to the disk.

    Raises:
        OSError: the system refuses. `target` is as it was, or already the new file.
    """
    folder, name = os.path.split(target)
    staging = Staged(os.path.join(folder, own_name(name)), os.fspath(target), durability)
    try:
        with _new_file(staging.temporary, durability) as file:
            fill(file)
            file.flush()
            if check is not None:
                file.seek(0)
                check(file.read())
            if durability is Durability.FULL:
                _sync(file.fileno())
        yield staging
    finally:
        if not staging.is_put:
            with contextlib.suppress(OSError):  # what cannot be removed is swept one day
                os.unlink(staging.temporary)


def staged_bytes(
    target: str | Path, content: bytes, durability: Durability = Durability.FULL
) -> AbstractContextManager[Staged]:
    """:func:`staged` with this content, as which it has to be read again.

    Raises:
        OSError: as there.
        WriteError: the disk does not keep it.
    """

    def check(written: bytes) -> None:
        if written != content:
            raise came_back_changed(target)

    return staged(target, lambda file: file.write(content), check=check, durability=durability)


def stamp_of_new(target: str) -> Stamp:
    """The stamp of a file that was put; zeros, so that others look, if the system does not tell."""
    try:
        return Stamp.of(os.stat(target))
    except OSError:
        return Stamp(0, 0, 0)


def _new_file(path: str, durability: Durability) -> BinaryIO:
    """A file that was not there, to be written and read; folders above it are made."""
    try:
        return open(path, "x+b")
    except FileNotFoundError:
        make_folders([os.path.dirname(path)], durability)
        return open(path, "x+b")


def make_folders(folders: Iterable[str], durability: Durability) -> None:
    """Make folders and those above them, as far as they are missing."""
    missing = [folder for folder in folders if not os.path.isdir(folder)]
    if not missing:
        return
    with _making:  # a folder that another thread has made is not flushed before it is done
        changed = dict.fromkeys(above for folder in missing for above in _make(folder))
        if durability is Durability.FULL:
            for folder in changed:
                _sync_folder(folder)


def _make(folder: str) -> Iterator[str]:
    """Make one folder; the folders in which anything was made, from above."""
    above = os.path.dirname(folder) or os.curdir
    try:
        os.mkdir(folder)
    except FileNotFoundError:
        if above == folder:
            raise
        yield from _make(above)
        yield from _make(folder)
    except OSError:  # a disk that is read only says so even of what is there
        if not os.path.isdir(folder):
            raise
    else:
        yield above


def sweep(data_folder: Path) -> tuple[Path, ...]:
    """Remove every temporary file of the data folder whose process is dead, or that is a day old.

    Returns what was removed. What the system refuses to remove stays, without an error.
    """
    return tuple(file for file in leftovers(data_folder) if _is_removed(file))


def leftovers(data_folder: Path) -> Iterator[Path]:
    """Find what :func:`sweep` would remove. Links to folders are not followed."""
    for folder, _, _ in os.walk(data_folder):
        yield from _abandoned(Path(folder))


def sweep_folder(folder: Path) -> None:
    """As :func:`sweep`, in one folder and not below it."""
    for file in _abandoned(folder):
        _is_removed(file)


def _abandoned(folder: Path) -> list[Path]:
    found = []
    with contextlib.suppress(OSError), os.scandir(folder) as listing:
        for file in listing:
            with contextlib.suppress(OSError):  # removed meanwhile
                if is_abandoned(file):
                    found.append(Path(file.path))
    return found


def _is_removed(file: Path) -> bool:
    try:
        file.unlink()
    except OSError:
        return False
    return True


def rename(path: str | Path, target: str | Path) -> None:
    """Give a file another name, in one step; on Windows as soon as nobody has either open.

    Raises:
        OSError: the system refuses, there after 15 seconds.
    """
    until = monotonic() + _PATIENCE
    while True:
        try:
            os.replace(path, target)
        except PermissionError:
            if not _IS_WINDOWS or monotonic() > until:
                raise
            sleep(_PAUSE)
        else:
            return


def _sync_folder(folder: str | Path) -> None:
    if _IS_WINDOWS:  # which cannot open a folder
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        _sync(descriptor)
    finally:
        os.close(descriptor)


def _sync(descriptor: int) -> None:
    """Flush to the disk itself, as far as the file system can."""
    flushes = [os.fsync] if _FULL_FLUSH is None else [_flush_fully, os.fsync]
    for flush in flushes:
        try:
            flush(descriptor)
        except OSError as error:
            if error.errno not in _CANNOT_SYNC:
                raise
        else:
            return


def _flush_fully(descriptor: int) -> None:
    import fcntl

    fcntl.fcntl(descriptor, _FULL_FLUSH or 0)
