"""Merging into a file until what was merged stays there, whatever other processes do."""

from __future__ import annotations

import os
import random
from pathlib import Path, PurePosixPath
from time import sleep
from typing import Protocol

from leanfeed.default_plugins.disk_errors import explained
from leanfeed.default_plugins.folders import Folders
from leanfeed.default_plugins.merging import MERGING, announced, locked, wait_for_others
from leanfeed.errors import WriteError
from leanfeed.stamps import Stamp

__all__ = ["Merging", "merge_until_kept", "version", "version_and_stamp"]

#: How often rows that others overwrote are merged again.
_TRIES = 50
#: The longest pause before that, in seconds.
_LONGEST_PAUSE = 0.2


class Merging(Protocol):
    """Rows on their way into a file."""

    def merge(self) -> bool:
        """Put old and new rows into the file; False when it changed in the meantime."""
        ...

    def is_kept(self) -> bool:
        """Whether our rows are in the file that is there now, or newer ones of their sessions."""
        ...


def merge_until_kept(merging: Merging, folders: Folders, path: PurePosixPath) -> None:
    """Merge rows into the file at `path`, relative to the data folder.

    Raises:
        WriteError: the system refuses, the file lies outside the data folder, the disk does not
            keep it, or other processes overwrite it again and again. What stood there still does.
    """
    target = folders.data_folder / path
    with explained(target):
        for written_to in (path, MERGING / path.name):
            folders.enter(written_to)
        with locked(folders.data_folder, path):
            for _ in range(_TRIES):
                with announced(folders.data_folder, path) as announcement:
                    is_merged = merging.merge()
                wait_for_others(folders.data_folder, path, announcement)
                if is_merged and merging.is_kept():
                    return
                sleep(random.uniform(0, _LONGEST_PAUSE))
    raise WriteError(
        f"{target} is overwritten by other processes again and again. End them, or use a file "
        "system whose locks work, and run again; what was written before is safe."
    )


def version(path: str | Path) -> tuple[int, ...]:
    """Another version of a file has another inode, size or time; none when there is no file."""
    return version_and_stamp(path)[0]


def version_and_stamp(path: str | Path) -> tuple[tuple[int, ...], Stamp]:
    """The version of a file, and the stamp by which the ledger knows it; zeros without one."""
    try:
        stat = os.stat(path)
    except FileNotFoundError:
        return (), Stamp(0, 0, 0)
    return (stat.st_ino, stat.st_size, stat.st_mtime_ns), Stamp.of(stat)
