"""What the ledger knows of one session, and of all sessions of one series."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from itertools import chain
from typing import Self

from attrs import fields, frozen

from leanfeed.stamps import Stamp
from leanfeed.values import Hours

__all__ = ["Columns", "Digest", "Entry"]


@frozen
class Digest:
    """By what the rows of a session are recognised, wherever they stand."""

    rows: int
    #: CRC-32 of their text, without the last line end.
    crc: int


@frozen
class Entry:
    """What is known about one session of one series."""

    #: As it was asked for; LEAN's files, and so the ledger, do not tell letters by case.
    ticker: str
    #: 0: a provider affirmed that there was no trading.
    rows: int
    hours: Hours
    #: The size of the file that holds the session, when it was written or last opened, and when it
    #: was changed, as :func:`leanfeed.stamps.changed_ns` has it; 0 without one.
    size: int
    changed_ns: int
    #: Empty for a file that leanfeed found and did not write.
    source: str
    request_id: str
    #: When this was learnt, UTC epoch milliseconds; of a file that was found its modification time.
    affirmed_at: int
    #: CRC-32 of the text of its rows; 0 without a file.
    crc: int = 0
    #: Anything worth telling who asks why: the reason for a fallback, say.
    note: str = ""

    @property
    def digest(self) -> Digest | None:
        """By what its rows are recognised; None when there are none, or that is not known."""
        return Digest(self.rows, self.crc) if self.rows and self.crc else None

    def is_more_than(self, found: Digest) -> bool:
        """Leanfeed wrote more bars than were found: the file has lost some, and is damaged."""
        return bool(self.source) and found.rows < self.rows

    def speaks_of(self, stamp: Stamp) -> bool:
        """The file with that stamp is the one in which the session was found."""
        return self.rows > 0 and (self.size, self.changed_ns) == (stamp.size, stamp.changed_ns)


@frozen
class Columns:
    """What a plan needs to know of a series, oldest session first, quick to read and compare."""

    ticker: str
    #: Dates as numbers such as 20240102.
    days: array[int]
    sizes: array[int]
    changes_ns: array[int]
    affirmed_at: array[int]
    #: 1 where only the regular hours are stored.
    is_regular: array[int]

    @classmethod
    def of_bytes(cls, ticker: str, data: bytes) -> Self:
        """The inverse of :meth:`to_bytes`.

        Raises:
            ValueError: they are the bytes of something else.
        """
        numbers = array("q", data)
        count = len(fields(cls)) - 1
        length, rest = divmod(len(numbers), count)
        if rest:
            raise ValueError(f"{len(numbers)} numbers are not {count} columns.")
        return cls(ticker, *[numbers[i * length : (i + 1) * length] for i in range(count)])

    @staticmethod
    def to_bytes(rows: Iterable[tuple[int, ...]]) -> bytes:
        """Rows, each with a number for every column, as bytes of this machine's order."""
        return array("q", chain.from_iterable(zip(*rows, strict=True))).tobytes()
