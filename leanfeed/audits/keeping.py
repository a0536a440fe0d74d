"""The old files of a repair: kept in quarantine before anything replaces them."""

from __future__ import annotations

import contextlib
import filecmp
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from leanfeed.audits.errands import Errand
from leanfeed.default_plugins.disk_errors import explained
from leanfeed.default_plugins.folders import Folders
from leanfeed.default_plugins.quarantine import QUARANTINE, keep_aside
from leanfeed.lean.paths import zip_path
from leanfeed.report import Report
from leanfeed.values import Series

__all__ = ["keeping", "kept_by"]


@contextlib.contextmanager
def keeping(data_folder: Path, errands: Iterable[Errand]) -> Iterator[dict[str, str]]:
    """Keep every file that the ``with`` block may replace; forget those that it did not.

    Yields:
        Where each is kept; both paths are relative to the data folder.

    Raises:
        WriteError: the disk refused.
    """
    folders = Folders(data_folder)
    kept: dict[str, str] = {}
    paths = dict.fromkeys(
        zip_path(Series(symbol, errand.resolution), session.date)
        for errand in errands
        for symbol in errand.symbols
        for session in errand.sessions
    )
    try:
        for path in paths:
            target = data_folder / path
            with explained(target):
                if target.is_file() and not target.is_symlink():
                    folders.enter(QUARANTINE / path)
                    kept[path.as_posix()] = keep_aside(data_folder, path)
        yield kept
    finally:
        for name in [name for name in kept if _are_same(data_folder, name, kept[name])]:
            _forget(data_folder, kept.pop(name))


def kept_by(
    runs: Sequence[Report], kept: Mapping[str, str], data_folder: Path
) -> Mapping[str, str]:
    """Where the old file of each one that was replaced is kept, once for the whole repair.

    A run keeps what is damaged, too: the file that we have kept already, and of an hour or daily
    zip that several runs mend also the half mended ones, which nobody needs.
    """
    theirs: dict[str, list[str]] = {}
    for run in runs:
        for series in run.series:
            for path, aside in series.kept_aside.items():
                theirs.setdefault(path, []).append(aside)
    found = dict(kept)
    for path, (first, *others) in theirs.items():
        if path not in kept:
            found[path] = first
        elif _are_same(data_folder, first, kept[path]):
            found[path] = first
            for aside in (kept[path], *others):
                _forget(data_folder, aside)
    return found


def _are_same(data_folder: Path, one: str, other: str) -> bool:
    with contextlib.suppress(OSError):
        return filecmp.cmp(data_folder / one, data_folder / other, shallow=False)
    return False


def _forget(data_folder: Path, aside: str) -> None:
    with contextlib.suppress(OSError):
        (data_folder / aside).unlink()
