"""What is known beside the files: who gave a session, when, and by what it is recognised."""

from __future__ import annotations

import datetime as dt
from array import array
from collections.abc import Iterable, Mapping
from typing import Any, Self

from attrs import frozen

from leanfeed.ledger import Entry

__all__ = ["Fact", "Facts"]

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
#: The end of the year 9999, and the largest CRC-32: a ledger may hold anything.
_LATEST, _MOST = 253_402_300_799_000, 0xFFFFFFFF
_NOTHING: tuple[Any, ...] = ("", "", 0, -1, 0, "")


@frozen
class Fact:
    """What leanfeed remembers of one session."""

    #: Who gave it; empty when leanfeed found it on disk.
    source: str
    #: The provider's own name for its answer.
    request_id: str
    #: When this was learnt; of a file that was found its modification time.
    affirmed_at: dt.datetime
    #: Bars; 0 when there was no trading.
    rows: int
    #: CRC-32 of the text of its rows, in hexadecimal; empty without one.
    digest: str
    #: Why the source was asked: the name of the one before it, and what became of that.
    fallback: str

    def to_dict(self) -> dict[str, Any]:
        """The fact as plain JSON values; what is not known is null."""
        return {
            "source": self.source or None,
            "request_id": self.request_id or None,
            "affirmed_at": self.affirmed_at.isoformat(timespec="seconds"),
            "rows": self.rows,
            "digest": self.digest or None,
            "fallback": self.fallback or None,
        }


@frozen
class Facts:
    """The facts about the sessions of a series, as columns: there may be many."""

    sources: tuple[str, ...]
    request_ids: tuple[str, ...]
    #: UTC epoch milliseconds; 0 where nothing is known.
    affirmed_at: array[int]
    #: Negative where nothing is known.
    rows: array[int]
    crcs: array[int]
    fallbacks: tuple[str, ...]

    @classmethod
    def of(cls, dates: Iterable[dt.date], entries: Mapping[dt.date, Entry]) -> Self:
        """The facts about some dates, in their order."""
        same: dict[str, str] = {}  # one object for equal texts
        rows = [_NOTHING]  # so that there are columns where there are no dates
        for date in dates:
            entry = entries.get(date)
            if entry is None:
                rows.append(_NOTHING)
                continue
            source, request_id, note = entry.source, entry.request_id, entry.note
            rows.append(
                (
                    same.setdefault(source, source),
                    same.setdefault(request_id, request_id),
                    _within(entry.affirmed_at, _LATEST),
                    _within(entry.rows, _MOST),
                    _within(entry.crc, _MOST),
                    same.setdefault(note, note),
                )
            )
        columns = [column[1:] for column in zip(*rows, strict=True)]
        sources, request_ids, affirmed_at, counts, crcs, fallbacks = columns
        return cls(
            sources,
            request_ids,
            array("q", affirmed_at),
            array("q", counts),
            array("q", crcs),
            fallbacks,
        )

    def __getitem__(self, position: int) -> Fact | None:
        """What is known of the session at a position."""
        rows, crc = self.rows[position], self.crcs[position]
        if rows < 0:
            return None
        return Fact(
            source=self.sources[position],
            request_id=self.request_ids[position],
            affirmed_at=_EPOCH + dt.timedelta(milliseconds=self.affirmed_at[position]),
            rows=rows,
            digest=f"{crc:08x}" if crc else "",
            fallback=self.fallbacks[position],
        )


def _within(number: int, most: int) -> int:
    return number if 0 <= number <= most else 0
