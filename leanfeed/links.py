"""Links that lead out of the data folder: nothing is written through them."""

from __future__ import annotations

import os
from pathlib import Path, PurePath

from leanfeed.errors import WriteError

__all__ = ["check_inside", "leads_out"]


def leads_out(data_folder: Path, path: PurePath) -> bool:
    """Whether a path of the data folder, which may itself be a link, lies outside it in truth."""
    inside, real = (Path(os.path.realpath(p)) for p in (data_folder, data_folder / path))
    if real.is_relative_to(inside):
        return False
    # Where upper and lower case are alike, one folder has many spellings.
    return not any(_is_same(above, inside) for above in (real, *real.parents))


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:  # one of them is not there
        return False


def check_inside(data_folder: Path, path: PurePath) -> None:
    """Make sure that what is written to a path of the data folder stays in it.

    Raises:
        WriteError: the path, or a folder above it, is a link that leads out.
    """
    if leads_out(data_folder, path):
        raise WriteError(
            f"{data_folder / path} leads out of the data folder, to "
            f"{os.path.realpath(data_folder / path)}. Put a real file or folder in place of the "
            "link, or use the data folder that it leads to."
        )
