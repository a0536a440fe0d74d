"""Whether contestants wrote the same files: without that, no time of theirs says anything."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from leanfeed.bench.comparison import compare
from leanfeed.lean.zips import entries

__all__ = ["DifferentFilesError", "check_same", "files"]


class DifferentFilesError(Exception):
    """Two contestants did not write the same."""


def files(folder: Path) -> dict[PurePosixPath, Path]:
    """The zips of a data folder by their place in it."""
    return {
        PurePosixPath(path.relative_to(folder)): path
        for path in sorted(folder.glob("equity/**/*.zip"))
    }


def check_same(one: Path, other: Path, *, count: int) -> None:
    """Compare two data folders: the same files, entries, and text to the last byte.

    Args:
        one: leanfeed's.
        other: a competitor's.
        count: how many files there have to be.

    Raises:
        DifferentFilesError: they are not the same, or not so many.
    """
    left, right = files(one), files(other)
    if len(left) != count:
        raise DifferentFilesError(f"{one.name} has {len(left)} files, {count} were to be written.")
    if left.keys() != right.keys():
        lone = sorted(left.keys() ^ right.keys())
        raise DifferentFilesError(f"Only one of {one.name} and {other.name} wrote {lone[0]}.")
    differing = [path for path in left if entries(left[path]) != entries(right[path])]
    if differing:
        rows = compare(one, other, differing)
        raise DifferentFilesError(
            f"{one.name} and {other.name} differ in {len(differing)} files, {differing[0]} among "
            f"them. The first row, {one.name}'s first: {rows.first_difference}"
        )
