"""Merging into a file until what was merged stays there, whatever other processes do."""

from __future__ import annotations

import os
import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath
from time import sleep

from attrs import define, field

from leanfeed.default_plugins.disk_errors import explained
from leanfeed.default_plugins.folders import Folders
from leanfeed.default_plugins.merging import MERGING, announced, locked, wait_for_others
from leanfeed.default_plugins.quarantine import QUARANTINE, keep_aside
from leanfeed.default_plugins.safe_files import Durability, staged_bytes
from leanfeed.errors import WriteError
from leanfeed.stamps import Stamp
from leanfeed.values import Delivery, Series

__all__ = ["Merging", "merge_until_kept", "version", "version_and_stamp"]

#: How often rows that others overwrote are merged again.
_TRIES = 50
#: The longest pause before that, in seconds.
_LONGEST_PAUSE = 0.2


@define
class Merging(ABC):
    """Sessions of one series on their way into the zip that they share with others."""

    _deliveries: Sequence[Delivery]
    _folders: Folders
    #: Of the zip, relative to the data folder.
    _path: PurePosixPath
    _durability: Durability
    _traded: list[Delivery] = field(init=False)
    #: Of the file that we read, or put there.
    _version: tuple[int, ...] = field(default=(), init=False)
    _bytes_written: int = field(default=0, init=False)
    _kept_aside: str = field(default="", init=False)

    @_traded.default
    def _with_bars(self) -> list[Delivery]:
        return [delivery for delivery in self._deliveries if len(delivery.bars)]

    @property
    def target(self) -> Path:
        """The zip."""
        return self._folders.data_folder / self._path

    @property
    def _series(self) -> Series:
        return self._deliveries[0].series

    @abstractmethod
    def merge(self) -> bool:
        """Put old and new rows into the file; False when it changed in the meantime."""

    @abstractmethod
    def is_kept(self) -> bool:
        """Whether our rows are in the file that is there now, or newer ones of their sessions."""

    def _put(self, data: bytes, *, is_worse: Callable[[], bool]) -> bool:
        """Replace the file, which is kept aside where the new one is worse; False as above."""
        with staged_bytes(self.target, data, self._durability) as staging:
            if version(self.target) != self._version:
                return False
            if self._is_condemned or is_worse():
                self._keep_aside(by_move=False)
            self._version = version(staging.temporary)
            staging.put()
        self._bytes_written = len(data)
        return True

    def _remove(self) -> bool:
        """Leave no file, because nothing of it is sound; False as above."""
        if version(self.target) != self._version:
            return False
        self._keep_aside(by_move=True)
        self._version = ()
        return True

    @property
    def _is_condemned(self) -> bool:
        """Whether what stood there has yet to be kept."""
        return not self._kept_aside and any(d.replaces_damaged for d in self._traded)

    def _keep_aside(self, *, by_move: bool) -> None:
        self._folders.enter(QUARANTINE / self._path)
        self._kept_aside = keep_aside(
            self._folders.data_folder, self._path, by_move=by_move, durability=self._durability
        )


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
