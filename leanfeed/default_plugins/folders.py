"""The folders a run writes to: none of them may lead out of the data folder."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

from attrs import define, field

from leanfeed.default_plugins.safe_files import sweep_folder
from leanfeed.errors import WriteError

__all__ = ["Folders"]


@define
class Folders:
    """Looks at each folder before the first file is written to it, and sweeps it."""

    #: May itself be a link.
    data_folder: Path
    _entered: set[PurePosixPath] = field(factory=set, init=False)

    def enter(self, path: PurePosixPath) -> None:
        """Make sure that writing the file `path` changes nothing outside the data folder.

        Raises:
            WriteError: the file, or a folder above it, is a link that leads out.
            OSError: the system does not let us look.
        """
        if path.parent not in self._entered:
            self._check(path.parent)
            sweep_folder(self.data_folder / path.parent)
            self._entered.add(path.parent)
        if (self.data_folder / path).is_symlink():
            self._check(path)

    def _check(self, path: PurePosixPath) -> None:
        inside = os.path.realpath(self.data_folder)
        real = os.path.realpath(self.data_folder / path)
        if not Path(real).is_relative_to(inside):
            raise WriteError(
                f"{self.data_folder / path} leads out of the data folder, to {real}. Put a real "
                "file or folder in place of the link, or use the data folder that it leads to."
            )
