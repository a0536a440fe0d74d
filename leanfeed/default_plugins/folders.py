"""The folders a run writes to: none of them may lead out of the data folder."""

from __future__ import annotations

import os
import stat
from pathlib import Path, PurePosixPath

from attrs import define, field

from leanfeed.default_plugins.safe_files import sweep_folder
from leanfeed.links import check_inside

__all__ = ["Folders"]


@define
class Folders:
    """Looks at each folder before the first file is written to it, and sweeps it."""

    #: May itself be a link.
    data_folder: Path
    _entered: set[PurePosixPath] = field(factory=set, init=False)

    def enter(self, path: PurePosixPath) -> bool:
        """Make sure that writing the file `path` changes nothing outside the data folder.

        Returns:
            Whether anything stands there.

        Raises:
            WriteError: the file, or a folder above it, is a link that leads out.
            OSError: the system does not let us look.
        """
        if path.parent not in self._entered:
            check_inside(self.data_folder, path.parent)
            sweep_folder(self.data_folder / path.parent)
            self._entered.add(path.parent)
        try:
            mode = os.lstat(os.path.join(self.data_folder, path)).st_mode
        except FileNotFoundError:
            return False
        if stat.S_ISLNK(mode):
            check_inside(self.data_folder, path)
        return True
