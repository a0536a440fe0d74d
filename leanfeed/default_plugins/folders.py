"""The folders a run writes to: none of them may lead out of the data folder."""

from __future__ import annotations

import os
import stat
from pathlib import Path, PurePosixPath

from attrs import define, field

from leanfeed.default_plugins.safe_files import sweep_folder
from leanfeed.links import check_inside

__all__ = ["Folders"]

_IS_WINDOWS = os.name == "nt"


@define
class Folders:
    """Looks at each folder before the first file is written to it, and sweeps it."""

    #: May itself be a link.
    data_folder: Path
    #: Those entered before; whether each of them was there.
    _entered: dict[str, bool] = field(factory=dict, init=False)
    #: Folders above those, which are there and do not lead out.
    _above: set[str] = field(factory=set, init=False)

    def enter(self, path: str | PurePosixPath) -> bool:
        """Make sure that writing the file `path` changes nothing outside the data folder.

        Returns:
            Whether anything stands there.

        Raises:
            WriteError: the file, or a folder above it, is a link that leads out.
            OSError: the system does not let us look.
        """
        self.was_there(path)
        try:
            mode = os.lstat(f"{self.data_folder}{os.sep}{path}").st_mode
        except FileNotFoundError:
            return False
        if stat.S_ISLNK(mode):
            check_inside(self.data_folder, PurePosixPath(path))
        return True

    def was_there(self, path: str | PurePosixPath) -> bool:
        """Whether the folder of the file `path` was there when it was first entered.

        Raises:
            WriteError, OSError: as for :meth:`enter`, of the folder.
        """
        folder, _, _ = str(path).rpartition("/")
        if folder not in self._entered:
            is_there = self._look_at(folder)
            if is_there:
                sweep_folder(self.data_folder / folder)
            self._entered[folder] = is_there
        return self._entered[folder]

    def _look_at(self, folder: str) -> bool:
        """Make sure that a folder does not lead out; whether it is there.

        What is no link lies where the folder above it does: few have to be followed to their end.
        """
        above, _, _ = folder.rpartition("/")
        if above and above not in self._above:
            if not self._look_at(above):
                return False
            self._above.add(above)
        try:
            mode = os.lstat(f"{self.data_folder}{os.sep}{folder}").st_mode
        except FileNotFoundError:
            return False
        if stat.S_ISLNK(mode) or _IS_WINDOWS:  # which has other links, too
            check_inside(self.data_folder, PurePosixPath(folder))
        return True
