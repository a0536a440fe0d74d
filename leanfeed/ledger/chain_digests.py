"""Checksums of the sessions of a chain: they do not depend on the order of its entries."""

from __future__ import annotations

import contextlib
import datetime as dt
import zlib
from collections.abc import Iterable

from attrs import define

from leanfeed.lean.lines import normalised
from leanfeed.ledger.entries import Digest

__all__ = ["Counting", "count", "of_dates", "of_session"]

_MASK = 0xFFFF_FFFF


@define
class Counting:
    """The rows of one session, as far as they have been seen."""

    rows: int = 0
    crc: int = 0

    @property
    def digest(self) -> Digest:
        """What has been seen."""
        return Digest(self.rows, self.crc)


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
    counted: dict[bytes, Counting] = {}
    for name, text in texts:
        count(counted, name, normalised(text).split(b"\n"))
    found = {}
    for day, counting in counted.items():
        with contextlib.suppress(ValueError):
            found[dt.date.fromisoformat(day.decode())] = counting.digest
    return found


def count(counted: dict[bytes, Counting], name: str, rows: Iterable[bytes]) -> None:
    """Add the rows of one entry to what was counted of their days, each spelt as in the rows."""
    start = zlib.crc32(name.encode())
    for row in rows:
        day = row[:8]
        counting = counted.get(day)
        if counting is None:
            counting = counted[day] = Counting()
        counting.rows += 1
        counting.crc = (counting.crc + zlib.crc32(row, start)) & _MASK
