"""What was taken of files that hold a whole market: their versions, and how it went.

Table ``ingested`` has a row for each file that a source took anything of, or failed to. A leanfeed
that does not know the table does without it.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import sqlite3
from collections.abc import Mapping
from pathlib import Path, PurePath

from attrs import astuple, evolve, fields, frozen

from leanfeed.ledger.ledger import FOLDER
from leanfeed.ledger.storage import change, open_to_read
from leanfeed.links import leads_out

__all__ = ["Ingested", "IngestionLog"]

_FILE = PurePath(FOLDER, "ledger.sqlite")

_TABLE = """
CREATE TABLE IF NOT EXISTS ingested (
    source TEXT NOT NULL,        -- such as flatfiles
    kind TEXT NOT NULL,          -- such as stocks_minute
    date INTEGER NOT NULL,       -- such as 20240102
    etag TEXT NOT NULL,          -- and the rest as in Ingested
    size INTEGER NOT NULL,
    modified_at INTEGER NOT NULL,
    records INTEGER NOT NULL,
    downloads INTEGER NOT NULL,
    errors INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    seconds REAL NOT NULL,
    at INTEGER NOT NULL,
    error TEXT NOT NULL,
    PRIMARY KEY (source, kind, date)
) WITHOUT ROWID
"""
_FIND = "SELECT {columns} FROM ingested WHERE source = ? AND kind = ?"
_INSERT = "INSERT OR REPLACE INTO ingested VALUES (?, ?, ?, {marks})"


@frozen
class Ingested:
    """What is known of one file. Counts, bytes and seconds are of all times together."""

    #: The version of the file; empty when none has come yet.
    etag: str = ""
    size: int = 0
    #: When the provider has put it there, UTC epoch milliseconds.
    modified_at: int = 0
    #: Bars that were taken of it; those that were taken again count again.
    records: int = 0
    #: How often it came, and how often it did not, or was not what it should be.
    downloads: int = 0
    errors: int = 0
    #: Bytes that came over the wire.
    bytes: int = 0
    #: How long that took, with what was made of it.
    seconds: float = 0.0
    #: When, UTC epoch milliseconds.
    at: int = 0
    #: Why it failed; empty when it did not.
    error: str = ""

    @property
    def is_sound(self) -> bool:
        """Whether the last time it came, and was taken in."""
        return not self.error and self.downloads > 0

    def after(self, last: Ingested) -> Ingested:
        """What is known once one more time is counted; a failure leaves the version as it was."""
        counted = evolve(
            last,
            records=self.records + last.records,
            downloads=self.downloads + last.downloads,
            errors=self.errors + last.errors,
            bytes=self.bytes + last.bytes,
            seconds=self.seconds + last.seconds,
        )
        if last.downloads:
            return counted
        return evolve(
            counted,
            etag=self.etag,
            size=self.size,
            modified_at=self.modified_at,
        )


_COLUMNS = tuple(column.name for column in fields(Ingested))


@frozen
class IngestionLog:
    """The files of one source, in the ledger of a data folder.

    As the rest of the ledger it only saves work: a disk that refuses, or a ledger that cannot be
    read, is passed over in silence.
    """

    data_folder: Path
    source: str

    def add(self, kind: str, date: dt.date, last: Ingested) -> None:
        """Count one more time that a file was asked for."""

        def apply(connection: sqlite3.Connection) -> None:
            connection.execute(_TABLE)
            known = self._found(connection, kind).get(date, Ingested())
            marks = ", ".join("?" * len(_COLUMNS))
            key = (self.source, kind, _day(date))
            connection.execute(_INSERT.format(marks=marks), (*key, *astuple(known.after(last))))

        if not leads_out(self.data_folder, _FILE):
            with contextlib.suppress(sqlite3.Error, OSError, TypeError, ValueError):
                change(self.data_folder / _FILE, apply)

    def files(self, kind: str) -> Mapping[dt.date, Ingested]:
        """What is known of the files of one kind, by date."""
        with contextlib.suppress(sqlite3.Error, TypeError, ValueError):  # a row may hold anything
            connection = open_to_read(self.data_folder / _FILE)
            if connection is not None:
                with contextlib.closing(connection):
                    return self._found(connection, kind)
        return {}

    def _found(self, connection: sqlite3.Connection, kind: str) -> dict[dt.date, Ingested]:
        query = _FIND.format(columns=", ".join(("date", *_COLUMNS)))
        found = {}
        for day, *values in connection.execute(query, (self.source, kind)):
            found[dt.date(day // 10000, day // 100 % 100, day % 100)] = Ingested(*values)
        return found


def _day(date: dt.date) -> int:
    return date.year * 10000 + date.month * 100 + date.day
