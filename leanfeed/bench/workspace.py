"""A data folder for one measurement: LEAN's metadata, and no bars."""

from __future__ import annotations

import shutil
from pathlib import Path

from leanfeed.errors import WriteError

__all__ = ["METADATA", "make_workspace"]

#: What LEAN reads beside bars, relative to the data folder.
METADATA = (
    "market-hours",
    "symbol-properties",
    "equity/usa/map_files",
    "equity/usa/factor_files",
)


def make_workspace(folder: Path, *, data_folder: Path) -> Path:
    """Make `folder` a data folder with the metadata that `data_folder` has.

    Raises:
        WriteError: the system refuses.
    """
    try:
        folder.mkdir(parents=True)
        for name in METADATA:
            if (data_folder / name).is_dir():
                shutil.copytree(data_folder / name, folder / name)
    except OSError as error:  # copytree's own error is one
        raise WriteError(
            f"The metadata of {data_folder} cannot be copied to {folder} ({error}): check the "
            "permissions and the free space."
        ) from error
    return folder
