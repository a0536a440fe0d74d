"""The ledger's file: opened without harm, changed in transactions, begun anew when damaged.

Table ``session`` has a row for each session that was affirmed. Table ``packed`` repeats, for each
series, what a plan needs of its rows as one value, because reading that is ten times as fast;
triggers remove it whenever one of the rows changes.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable
from pathlib import Path

__all__ = ["change", "open_to_read"]

_VERSION = 3
#: Seconds to wait for other processes that are writing; each takes some milliseconds.
_PATIENCE = 20.0

_TABLES = """
DROP TABLE IF EXISTS session;
CREATE TABLE session (
    series TEXT NOT NULL,        -- such as equity/usa/minute/spy/trade
    date INTEGER NOT NULL,       -- such as 20240102
    ticker TEXT NOT NULL,        -- and the rest as in Entry
    rows INTEGER NOT NULL,
    hours TEXT NOT NULL,
    size INTEGER NOT NULL,
    changed_ns INTEGER NOT NULL,
    source TEXT NOT NULL,
    request_id TEXT NOT NULL,
    affirmed_at INTEGER NOT NULL,
    crc INTEGER NOT NULL,
    note TEXT NOT NULL,
    PRIMARY KEY (series, date)
) WITHOUT ROWID;
DROP TABLE IF EXISTS packed;
CREATE TABLE packed (
    series TEXT PRIMARY KEY,
    ticker TEXT NOT NULL,
    columns BLOB NOT NULL        -- as Columns.to_bytes makes them
)
"""
_TRIGGER = """
CREATE TRIGGER {event}_unpacks AFTER {event} ON session
BEGIN DELETE FROM packed WHERE series = {row}.series; END
"""


def open_to_read(path: Path) -> sqlite3.Connection | None:
    """A connection that writes nothing; None when there is no ledger that can be read.

    A run that was killed while it wrote leaves a journal, which is rolled back as soon as anybody
    who may write reads.

    Raises:
        sqlite3.Error: the file is damaged or cannot be opened.
    """
    if not path.is_file():
        return None
    mode = "rw" if path.with_name(f"{path.name}-journal").exists() else "ro"
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    connection = sqlite3.connect(uri, uri=True)
    try:
        version = _version(connection)
    except sqlite3.Error:
        connection.close()
        raise
    if version == _VERSION:
        return connection
    connection.close()
    return None


def change(path: Path, apply: Callable[[sqlite3.Connection], None]) -> None:
    """Apply a change in one transaction, or nothing of it; a damaged ledger is begun anew.

    The ledger of a newer leanfeed is left as it is.

    Raises:
        sqlite3.Error: it cannot be written, or others have been writing for too long.
        OSError: its folder cannot be made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        _transact(path, apply)
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the rest says where it is damaged
        if code not in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
            raise
        path.unlink(missing_ok=True)  # the files are the truth
        _transact(path, apply)


def _transact(path: Path, apply: Callable[[sqlite3.Connection], None]) -> None:
    connection = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)
    with contextlib.closing(connection), connection:
        connection.execute("BEGIN IMMEDIATE")  # to wait for others here and nowhere else
        version = _version(connection)
        if version > _VERSION:
            return
        if version < _VERSION:
            _begin(connection)
        apply(connection)


def _begin(connection: sqlite3.Connection) -> None:
    for statement in _TABLES.split(";"):
        connection.execute(statement)
    for event, row in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
        connection.execute(_TRIGGER.format(event=event, row=row))
    connection.execute(f"PRAGMA user_version = {_VERSION}")


def _version(connection: sqlite3.Connection) -> int:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)
