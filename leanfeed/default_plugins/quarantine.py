"""Files that are damaged or larger than what replaces them are kept aside."""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
import os
import shutil
from pathlib import Path, PurePosixPath

from leanfeed.default_plugins.safe_files import Durability, make_folders, rename, staged
from leanfeed.ledger import FOLDER

__all__ = ["QUARANTINE", "keep_aside"]

#: Relative to the data folder; below it files lie as they lay in the data folder.
QUARANTINE = PurePosixPath(FOLDER, "quarantine")


def keep_aside(
    data_folder: Path,
    path: PurePosixPath,
    *,
    by_move: bool = False,
    durability: Durability = Durability.FULL,
) -> str:
    """Give a file a second name, or move it, into ``.leanfeed/quarantine``.

    What is no regular file, such as a folder or a pipe, is always moved. On a file system without
    hard links, or when the quarantine lies on another one, the second name is a copy.

    Returns:
        Where it is kept, relative to the data folder, with forward slashes.

    Raises:
        OSError: the system refuses. The file is where it was.
    """
    target = data_folder / path
    stamp = dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%S%f")
    kept = QUARANTINE / f"{path}.{stamp}-{os.urandom(2).hex()}"
    make_folders([str((data_folder / kept).parent)], durability)
    if by_move or not target.is_file():
        _move(target, data_folder / kept, durability)
    else:
        _second_name(target, data_folder / kept, durability)
    return str(kept)


def _move(target: Path, kept: Path, durability: Durability) -> None:
    try:
        rename(target, kept)
    except OSError as error:
        if error.errno != errno.EXDEV or not target.is_file():
            raise
        _copy(target, kept, durability)
        target.unlink()


def _second_name(target: Path, kept: Path, durability: Durability) -> None:
    with contextlib.suppress(OSError):
        kept.hardlink_to(target)
        return
    _copy(target, kept, durability)


def _copy(target: Path, kept: Path, durability: Durability) -> None:
    with (
        target.open("rb") as old,
        staged(kept, lambda file: shutil.copyfileobj(old, file), durability=durability) as staging,
    ):
        staging.put()
