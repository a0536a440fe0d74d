"""Whether two data folders hold the same rows."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Any

from attrs import asdict, frozen

from leanfeed.lean.zips import entry_text

__all__ = ["Comparison", "compare"]


@frozen
class Comparison:
    """What two data folders have in common. A row is a line of a file, known by its time stamp."""

    files: int
    #: Rows that are the same, to the last character.
    equal: int
    #: Rows of one time stamp that are not.
    different: int
    only_native: int
    only_cli: int
    #: The first row that is not in both: its file, and what each has there.
    first_difference: str | None

    @property
    def is_equal(self) -> bool:
        """There are rows, and all are the same."""
        return self.equal > 0 and self.first_difference is None

    def to_dict(self) -> dict[str, Any]:
        """The comparison as plain JSON values."""
        return {"is_equal": self.is_equal, **asdict(self)}


def compare(native: Path, cli: Path, files: Iterable[PurePosixPath]) -> Comparison:
    """Compare the zips `files`, relative to both data folders; one that is absent has no rows.

    Raises:
        OSError: the system refuses a file.
        DamagedFileError: a file is no sound zip.
    """
    equal = different = only_native = only_cli = 0
    first: str | None = None
    paths = sorted(set(files))
    for path in paths:
        left, right = _rows(native / path), _rows(cli / path)
        for stamp in sorted({*left, *right}):
            one, other = left.get(stamp), right.get(stamp)
            if one == other:
                equal += 1
                continue
            only_native += other is None
            only_cli += one is None
            different += None not in (one, other)
            first = first or f"{path}: native {_shown(one)}, cli {_shown(other)}"
    return Comparison(len(paths), equal, different, only_native, only_cli, first)


def _rows(path: Path) -> dict[tuple[int, bytes, int], bytes]:
    """The rows by time stamp, in an order that sorts as time does; equal stamps are counted."""
    rows: dict[tuple[int, bytes, int], bytes] = {}
    for row in entry_text(path).splitlines() if path.exists() else ():
        stamp, number = row.partition(b",")[0], 0
        while (len(stamp), stamp, number) in rows:
            number += 1
        rows[len(stamp), stamp, number] = row
    return rows


def _shown(row: bytes | None) -> str:
    return "nothing" if row is None else row[:80].decode(errors="replace")
