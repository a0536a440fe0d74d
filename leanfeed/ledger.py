"""What was affirmed and by whom: a small SQLite file beside the data, which LEAN ignores.

LEAN has no mark for "there was no trading" and none for where a file came from. The files are the
truth: without the ledger everything still works, only empty sessions are asked for again and files
are opened to see whether they are whole. So a ledger that is missing, damaged, locked or written by
a newer leanfeed is passed over in silence, and is never believed against a file.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from attrs import astuple, define, field, frozen

from leanfeed.values import Hours, Series, Written

__all__ = ["FOLDER", "Entry", "Ledger"]

#: The folder inside the data folder that holds everything of leanfeed's own.
FOLDER = ".leanfeed"

_VERSION = 1
_PENDING = 1024
_SCHEMA = """
CREATE TABLE IF NOT EXISTS session (
    series TEXT NOT NULL,
    date INTEGER NOT NULL,
    ticker TEXT NOT NULL,
    rows INTEGER NOT NULL,
    hours TEXT NOT NULL,
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    source TEXT NOT NULL,
    request_id TEXT NOT NULL,
    affirmed_at INTEGER NOT NULL,
    PRIMARY KEY (series, date)
) WITHOUT ROWID
"""


@frozen
class Entry:
    """What is known about one session of one series."""

    #: As it was asked for; LEAN's files, and so the ledger, do not tell letters by case.
    ticker: str
    #: 0: a provider affirmed that there was no trading.
    rows: int
    hours: Hours
    #: Size and modification time of the session's own file when it was written or last verified;
    #: 0 for sessions in a shared file.
    size: int
    mtime_ns: int
    source: str
    request_id: str
    #: When this was learnt, UTC epoch milliseconds.
    affirmed_at: int

    def matches(self, stat: os.stat_result) -> bool:
        """The file is still the one this entry speaks of."""
        return (self.size, self.mtime_ns) == (stat.st_size, stat.st_mtime_ns)


@define
class Ledger:
    """The ledger of one data folder. Use it in a ``with`` block."""

    data_folder: Path
    _connection: sqlite3.Connection | None = field(default=None, init=False)
    _pending: list[tuple[object, ...]] = field(factory=list, init=False)

    @property
    def path(self) -> Path:
        """Where the ledger lies."""
        return self.data_folder / FOLDER / "ledger.sqlite"

    def entries(self, series: Series) -> dict[dt.date, Entry]:
        """Everything known about a series, by date. Reads only."""
        with contextlib.suppress(sqlite3.Error, TypeError, ValueError):
            return dict(self._select(series))
        return {}

    def _select(self, series: Series) -> Iterator[tuple[dt.date, Entry]]:
        if self._connection is None:
            if not self.path.is_file():
                return
            self._connection = sqlite3.connect(f"{self.path.absolute().as_uri()}?mode=ro", uri=True)
        if not _is_readable(self._connection):
            return
        rows = self._connection.execute(
            "SELECT date, ticker, rows, hours, size, mtime_ns, source, request_id, affirmed_at "
            "FROM session WHERE series = ?",
            (_key(series),),
        )
        for date, ticker, count, hours, *rest in rows:
            day = dt.date(date // 10000, date // 100 % 100, date % 100)
            yield day, Entry(ticker, count, Hours(hours), *rest)

    def record(self, written: Written, *, hours: Hours, at: dt.datetime) -> None:
        """Remember what the writer confirmed. It reaches the disk in batches and at the end."""
        size = mtime_ns = 0
        if written.path and written.series.resolution.is_file_per_session:
            with contextlib.suppress(OSError):
                stat = (self.data_folder / written.path).stat()
                size, mtime_ns = stat.st_size, stat.st_mtime_ns
        entry = Entry(
            ticker=written.series.symbol.ticker,
            rows=written.rows,
            hours=hours,
            size=size,
            mtime_ns=mtime_ns,
            source=written.source,
            request_id=written.request_id,
            affirmed_at=int(at.timestamp() * 1000),
        )
        date = int(f"{written.session.date:%Y%m%d}")
        self._pending.append((_key(written.series), date, *astuple(entry)))
        if len(self._pending) >= _PENDING:
            self.flush()

    def flush(self) -> None:
        """Write what is pending. A disk that refuses costs only what the ledger saves."""
        if not self._pending:
            return
        with contextlib.suppress(sqlite3.Error, OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            try:
                self._insert()
            except sqlite3.DatabaseError as error:
                if error.sqlite_errorcode not in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
                    raise
                self.path.unlink()  # the files are the truth
                self._insert()
        self._pending.clear()

    def _insert(self) -> None:
        with contextlib.closing(sqlite3.connect(self.path)) as connection, connection:
            if not _is_readable(connection):
                return
            connection.execute(_SCHEMA)
            connection.execute(f"PRAGMA user_version = {_VERSION}")
            connection.executemany(
                "INSERT OR REPLACE INTO session VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                self._pending,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.flush()
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _is_readable(connection: sqlite3.Connection) -> bool:
    """A newer leanfeed may have given the columns another meaning."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version) <= _VERSION


def _key(series: Series) -> str:
    symbol = series.symbol
    parts = (symbol.security_type, symbol.market, series.resolution, symbol.file_ticker)
    return "/".join((*parts, series.tick_type))
