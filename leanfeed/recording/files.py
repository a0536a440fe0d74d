"""The files of a recording: read whole, replaced whole, by one writer at a time."""

from __future__ import annotations

import contextlib
import errno
import os
import threading
from collections.abc import Iterator
from pathlib import Path

from leanfeed.errors import ContractError, UnavailableError, WriteError

__all__ = ["locked", "read", "write"]

_LOCK = ".lock"
#: What a file system says that has no locks: writers at the same time have to look out themselves.
_NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP)
#: Seconds to wait for others who are writing.
_LIMIT = 60.0


def read(path: Path) -> str | None:
    """The text of a regular file; None when there is none.

    Raises:
        ContractError: it is no text.
        UnavailableError: it cannot be read.
    """
    try:
        return path.read_text("utf-8") if path.is_file() else None
    except UnicodeDecodeError as error:
        raise ContractError(f"{path} is not UTF-8 text. Record it again.") from error
    except OSError as error:
        raise UnavailableError(
            f"{path} cannot be read: {error.strerror}. Check its permissions."
        ) from error


def write(path: Path, text: str) -> None:
    """Put a text in the place of the one that is there, unless it is the same.

    Raises:
        WriteError: the disk refused; what was there stays.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_file() and path.read_bytes() == text.encode():
            return
        try:
            draft.write_text(text, "utf-8", newline="\n")
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise _refused(path, error) from error


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Make the folder, and be the only one who changes a recording in it.

    Raises:
        WriteError: the disk refused, or others have been writing for a minute.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(folder / _LOCK, thread_local=False)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=_LIMIT)
    except Timeout:
        raise WriteError(
            f"Another run has been writing to the recording {folder} for {_LIMIT:g} s. Run it "
            "again later."
        ) from None
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise _refused(folder, error) from error
    try:
        yield
    finally:
        lock.release()


def _refused(path: Path, error: OSError) -> WriteError:
    return WriteError(
        f"{path} cannot be written: {error.strerror}. Check permissions and free space."
    )
