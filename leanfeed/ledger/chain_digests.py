"""Checksums of the sessions of a chain: they do not depend on the order of its entries."""

from __future__ import annotations

import contextlib
import datetime as dt
import zlib
from collections import defaultdict
from collections.abc import Iterable

from attrs import define, field

from leanfeed.lean.lines import normalised
from leanfeed.ledger.entries import Digest

__all__ = ["RowCount", "of_dates", "of_session"]

_MASK = 0xFFFF_FFFF


def of_session(texts: Iterable[tuple[str, bytes]]) -> Digest:
    """The session in a zip of its own, by the names and texts of its entries."""
    rows = crc = 0
    for name, text in texts:
        rows += normalised(text).count(b"\n") + 1
        crc += zlib.crc32(text, zlib.crc32(name.encode()))
    return Digest(rows, crc & _MASK)


def of_dates(texts: Iterable[tuple[str, bytes]]) -> dict[dt.date, Digest]:
    """The sessions in an hour or daily zip, by the names and texts of its entries.

    A row with an impossible date belongs to none; LEAN passes over it, too.
    """
    counted = RowCount()
    for name, text in texts:
        counted.add(name, normalised(text).split(b"\n"))
    found = {}
    for day, digest in counted.digests.items():
        with contextlib.suppress(ValueError):
            found[dt.date.fromisoformat(day.decode())] = digest
    return found


@define
class RowCount:
    """Rows of a chain by their days, each spelt as in the rows."""

    _rows: defaultdict[bytes, int] = field(factory=lambda: defaultdict(int), init=False)
    _crcs: defaultdict[bytes, int] = field(factory=lambda: defaultdict(int), init=False)

    def add(self, name: str, rows: Iterable[bytes]) -> None:
        """Count rows of the entry `name`."""
        count, crcs, start = self._rows, self._crcs, zlib.crc32(name.encode())
        for row in rows:
            day = row[:8]
            count[day] += 1
            crcs[day] += zlib.crc32(row, start)

    @property
    def digests(self) -> dict[bytes, Digest]:
        """What has been counted of each day."""
        return {day: Digest(rows, self._crcs[day] & _MASK) for day, rows in self._rows.items()}
