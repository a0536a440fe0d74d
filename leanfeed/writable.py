"""Whether a data folder takes what a run will store: found out before the first request."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from leanfeed.default_plugins.disk_errors import explained
from leanfeed.errors import InvalidRequestError, WriteError
from leanfeed.lean import paths
from leanfeed.ledger import FOLDER
from leanfeed.links import check_inside
from leanfeed.values import Series

__all__ = ["check_writable"]

_ANY_DAY = dt.date(2000, 1, 1)
#: Bytes that must find room: fewer would not hold the first files of any run.
_ROOM = 64 * 1024


def check_writable(data_folder: Path, series: Iterable[Series]) -> None:
    """Look at every folder that will be written to, and write something without a name.

    Raises:
        WriteError: a folder, or the nearest one above it that exists, refuses new files, or is a
            link that leads out of the data folder; or there is no room for any file.
    """
    with explained(data_folder):
        nearest = _Nearest()
        folders = (data_folder, *_folders(data_folder, series))
        for folder in sorted({nearest.to(folder) for folder in folders}):
            _check(Path(folder))
        with tempfile.TemporaryFile(dir=nearest.to(data_folder)) as file:
            file.write(bytes(_ROOM))
            file.flush()


def _check(folder: Path) -> None:
    if not folder.is_dir():
        raise WriteError(
            f"{folder} cannot be written: Not a directory. Move away what stands where a folder "
            "belongs, and run again; what was written before is safe."
        )
    if not os.access(folder, os.W_OK | os.X_OK):
        raise WriteError(f"{folder} is not writable: check its permissions.")


def _folders(data_folder: Path, series: Iterable[Series]) -> Iterator[str | Path]:
    """Those of the series, and those of leanfeed's own; a link in one of these is looked at."""
    with contextlib.suppress(InvalidRequestError):  # another writer may name other files
        found = {paths.zip_parts(one, _ANY_DAY)[0] for one in series}
        above = {folder.rpartition("/")[0] for folder in found}
        yield from (f"{data_folder}{os.sep}{folder}" for folder in above)
        there = {one for one in above if os.path.lexists(f"{data_folder}{os.sep}{one}")}
        for folder in found:  # what lies above thousands of them is looked at once
            if folder.rpartition("/")[0] in there:
                yield f"{data_folder}{os.sep}{folder}"
    own = data_folder / FOLDER
    yield own
    for entry in _listed(data_folder, own):
        if entry.is_dir():
            yield Path(entry.path)
            _listed(data_folder, Path(entry.path))


def _listed(data_folder: Path, folder: Path) -> list[os.DirEntry[str]]:
    """What a folder of leanfeed's own holds, none of it a link that leads out."""
    check_inside(data_folder, folder.relative_to(data_folder))
    found = []
    with contextlib.suppress(OSError), os.scandir(folder) as listing:
        found = list(listing)
    for entry in found:
        if entry.is_symlink():
            check_inside(data_folder, Path(entry.path).relative_to(data_folder))
    return found


class _Nearest:
    """Finds what exists of the ways to folders."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}
        self._here = os.getcwd()

    def to(self, folder: str | Path) -> str:
        """The folder, or the nearest one above it that exists."""
        return self._to(os.path.join(self._here, folder))

    def _to(self, folder: str) -> str:
        found = self._known.get(folder)
        if found is None:
            above = os.path.dirname(folder)
            near = above if above == folder else self._to(above)
            # Below what is not there nothing is.
            is_there = near == above and os.path.lexists(folder)
            found = self._known[folder] = folder if is_there else near
        return found
