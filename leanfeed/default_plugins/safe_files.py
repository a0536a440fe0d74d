"""Files that are replaced whole, kept aside, and written by one process at a time."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from leanfeed.errors import WriteError
from leanfeed.ledger import FOLDER

__all__ = ["keep_aside", "locked", "replace"]

#: How long another process may hold a file that is merged, in seconds.
_LONGEST_LOCK = 600


@contextlib.contextmanager
def locked(data_folder: Path, path: PurePosixPath) -> Iterator[None]:
    """Hold the lock of one file of the data folder, against other threads and processes.

    The operating system frees it when its holder ends, however it ends.

    Raises:
        WriteError: somebody has held it for ten minutes.
    """
    from filelock import FileLock, Timeout

    lock = data_folder / FOLDER / "locks" / f"{'-'.join(path.parts)}.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(lock, timeout=_LONGEST_LOCK, thread_local=False):
            yield
    except Timeout:
        raise WriteError(
            f"Another process has been writing {path} for {_LONGEST_LOCK // 60} minutes: end it "
            "and run again."
        ) from None


def replace(target: Path, data: bytes) -> None:
    """Put `data` under the name `target`, so that there is never half a file under it.

    The temporary name starts with a dot and does not end in ``.zip``: LEAN does not see it.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{os.getpid()}.{secrets.token_hex(4)}.tmp")
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)


def keep_aside(data_folder: Path, path: PurePosixPath, *, by_move: bool) -> str:
    """Give a damaged file a second name, or move it, into ``.leanfeed/quarantine``.

    Returns where it is kept, relative to the data folder.
    """
    target = data_folder / path
    stamp = dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%S%f")
    kept = PurePosixPath(FOLDER, "quarantine", f"{path}.{stamp}")
    (data_folder / kept).parent.mkdir(parents=True, exist_ok=True)
    if by_move or not target.is_file():
        target.replace(data_folder / kept)
    else:
        _second_name(target, data_folder / kept)
    return str(kept)


def _second_name(target: Path, kept: Path) -> None:
    try:
        kept.hardlink_to(target)
    except OSError:  # a file system without hard links
        shutil.copy2(target, kept)


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # Windows cannot open a folder
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
