"""New days into the text of an hour or daily zip, which holds all days of a series."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from operator import itemgetter

from leanfeed.lean.lines import normalised

__all__ = ["merge_rows"]

#: ``yyyyMMdd HH:mm``, by which LEAN tells rows apart and which sorts as text.
_STAMP = slice(14)
_DATE = slice(8)


def merge_rows(old: Sequence[bytes], new: bytes, dates: Collection[dt.date]) -> bytes:
    """Replace the rows of `dates` and keep every other row byte for byte.

    A row is a line of text; a line end is LF whatever it was before. The result ascends in time;
    rows with equal stamps stay in the order in which they were.

    Args:
        old: the text of each entry of the zip, in its order; none when there is no zip yet. LEAN
            reads the first entry only, so a row of a later one is kept only where the earlier ones
            have nothing at its stamp.
        new: the rows of `dates`, as :func:`~leanfeed.lean.lines.format_bars` writes them. A date
            without rows loses those it had.
        dates: trading days in the data time zone.
    """
    replaced = {f"{date:%Y%m%d}".encode() for date in dates}
    merged: list[tuple[bytes, bytes]] = []
    for text in old:
        known = {stamp for stamp, _ in merged}
        merged += [
            (stamp, row)
            for stamp, row in _stamped(text)
            if stamp[_DATE] not in replaced and stamp not in known
        ]
    merged += _stamped(new)
    return b"\n".join(row for _, row in sorted(merged, key=itemgetter(0)))


def _stamped(text: bytes) -> list[tuple[bytes, bytes]]:
    return [(row[_STAMP], row) for row in normalised(text).split(b"\n") if row]
