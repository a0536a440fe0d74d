"""One process at a time changes a file that is merged, even where locks lie.

Some network file systems grant one lock to everybody. So whoever merges also announces it, by a
file in ``.leanfeed/merging``, from before the old rows are read until the new file is in place.
Somebody who had read the old rows before our file was in place is thus still announced when it is,
or has overwritten it already: once those are done, what the file holds of ours, it keeps.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from time import monotonic, sleep

from attrs import frozen

from leanfeed.default_plugins.own_names import is_abandoned, own_name
from leanfeed.errors import WriteError
from leanfeed.ledger import FOLDER

__all__ = ["MERGING", "Announcement", "announced", "locked", "wait_for_others"]

#: Where merges are announced, relative to the data folder.
MERGING = PurePosixPath(FOLDER, "merging")

#: How long another process may hold a file that is merged, in seconds.
_LONGEST_LOCK = 600
#: Longer than any merge takes, in seconds.
_LONGEST_MERGE = 10.0
_PAUSE = 0.005

_NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP)


@contextlib.contextmanager
def locked(data_folder: Path, path: PurePosixPath) -> Iterator[None]:
    """Hold the lock of one file of the data folder, against other threads and processes.

    The operating system frees it when its holder ends, however it ends. A file system that has no
    locks is one whose locks lie.

    Raises:
        WriteError: somebody has held it for ten minutes.
        OSError: the lock file cannot be made.
    """
    from filelock import FileLock, Timeout

    name = data_folder / FOLDER / "locks" / f"{_joined(path)}.lock"
    name.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(name, timeout=_LONGEST_LOCK, thread_local=False)
    try:
        lock.acquire()
    except Timeout:
        raise WriteError(
            f"Another process has been writing {path} for {_LONGEST_LOCK // 60} minutes. End it, "
            "and run again."
        ) from None
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
    try:
        yield
    finally:
        lock.release()


@frozen
class Announcement:
    """That a file is being merged."""

    name: str
    #: When it was made, by the clock of the file system.
    at: float


@contextlib.contextmanager
def announced(data_folder: Path, path: PurePosixPath) -> Iterator[Announcement]:
    """Let others know, while the ``with`` block lasts, that the file `path` is being merged."""
    mark = data_folder / MERGING / own_name(_joined(path))
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.touch(exist_ok=False)
    try:
        yield Announcement(mark.name, mark.stat().st_mtime)
    finally:
        with contextlib.suppress(OSError):
            mark.unlink()


def wait_for_others(data_folder: Path, path: PurePosixPath, ours: Announcement) -> None:
    """Wait until the merges of `path` that others have announced are over.

    Where locks are honest there are none. One that was announced ten seconds before ours is that
    of a process that died elsewhere.
    """
    others = _others(data_folder, path, ours)
    until = monotonic() + _LONGEST_MERGE
    while others and monotonic() < until:
        sleep(_PAUSE)
        others &= _others(data_folder, path, ours)


def _others(data_folder: Path, path: PurePosixPath, ours: Announcement) -> set[str]:
    start = f".{_joined(path)}."
    found = set()
    with os.scandir(data_folder / MERGING) as listing:
        for file in listing:
            if file.name.startswith(start) and file.name != ours.name:
                with contextlib.suppress(FileNotFoundError):
                    is_recent = file.stat().st_mtime > ours.at - _LONGEST_MERGE
                    if is_recent and not is_abandoned(file):
                        found.add(file.name)
    return found


def _joined(path: PurePosixPath) -> str:
    return "-".join(path.parts)
