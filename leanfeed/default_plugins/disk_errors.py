"""What the system refuses, said as one sentence of what happened and one of what to do."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path

from leanfeed.default_plugins.own_names import is_own_name
from leanfeed.errors import WriteError

__all__ = ["came_back_changed", "explained"]

_PERMISSIONS = "Check its owner and its permissions"
_IN_THE_WAY = "Move away what stands where a file or a folder belongs"
_DESCRIPTORS = "Allow more open files (ulimit -n)"
_NETWORK = "Mount the network folder again"

_ADVICE = {
    errno.ENOSPC: "Free space on that disk",
    errno.EDQUOT: "Free space, or ask for a larger quota",
    errno.EFBIG: "Allow larger files (ulimit -f)",
    errno.EIO: "Look at the disk and at the system's log",
    errno.EMFILE: _DESCRIPTORS,
    errno.ENFILE: _DESCRIPTORS,
    errno.EROFS: "Mount it writable, or use another data folder",
    errno.EACCES: _PERMISSIONS,
    errno.EPERM: _PERMISSIONS,
    errno.ENAMETOOLONG: "Use a data folder with a shorter path",
    errno.EXDEV: "Keep the whole data folder on one file system",
    errno.ESTALE: _NETWORK,
    errno.ENOTDIR: _IN_THE_WAY,
    errno.EISDIR: _IN_THE_WAY,
    errno.EEXIST: _IN_THE_WAY,
    errno.ELOOP: "Remove the links that lead to themselves",
}

#: Error codes of Windows: access denied, sharing violation, lock violation.
_HELD_OPEN = (5, 32, 33)


@contextlib.contextmanager
def explained(target: str | Path) -> Iterator[None]:
    """Turn an :class:`OSError` of the ``with`` block, which writes `target`, into a WriteError.

    Raises:
        WriteError: names the path and the cause, and what to do about this cause.
    """
    try:
        yield
    except OSError as error:
        cause = error.strerror or type(error).__name__
        advice = _ADVICE.get(error.errno or 0, "Mend that")
        if getattr(error, "winerror", None) in _HELD_OPEN:
            advice = "End the backtest or whatever has it open, or check its permissions"
        raise WriteError(
            f"{_where(error, target)} cannot be written: {cause}. {advice}, and run again; what "
            "was written before is safe."
        ) from error


def came_back_changed(target: str | Path) -> WriteError:
    """What to raise when a file that was to become `target` is not what was written."""
    folder, name = os.path.split(target)
    return WriteError(
        f"{folder} does not keep what is written to it: {name} came back changed. Look at the disk "
        "and at the system's log, and run again; what was written before is safe."
    )


def _where(error: OSError, target: str | Path) -> str:
    """What the system refused; a temporary file would tell nobody anything."""
    path = error.filename2 or error.filename
    if not isinstance(path, (str, os.PathLike)) or is_own_name(Path(path).name):
        return str(target)
    return str(path)
