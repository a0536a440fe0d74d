"""Sessions that nobody gave: what the last run that asked for them has to say about it.

Table ``unanswered`` holds ranges of dates, because a run that fails often fails for all of them
alike. A leanfeed that does not know the table does without it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from attrs import frozen

from leanfeed.values import Session

__all__ = ["Unanswered", "find", "keys", "replace"]

_TABLE = """
CREATE TABLE IF NOT EXISTS unanswered (
    series TEXT NOT NULL,        -- such as equity/usa/minute/spy/trade
    first INTEGER NOT NULL,      -- such as 20240102
    last INTEGER NOT NULL,
    asked_at INTEGER NOT NULL,   -- UTC epoch milliseconds
    reason TEXT NOT NULL
)
"""
_FORGET = "DELETE FROM unanswered WHERE series = ? AND first >= ? AND last <= ?"
_INSERT = "INSERT INTO unanswered VALUES (?, ?, ?, ?, ?)"
_FIND = """
SELECT asked_at, reason FROM unanswered WHERE series = ? AND first <= ? AND last >= ?
ORDER BY asked_at DESC LIMIT 1
"""
_KEYS = "SELECT DISTINCT series FROM unanswered ORDER BY series"


@frozen
class Unanswered:
    """Why nobody gave a session."""

    #: When it was asked for, UTC epoch milliseconds.
    asked_at: int
    #: The source that was asked last, and what became of it.
    reason: str


def replace(
    connection: sqlite3.Connection, key: str, reasons: Mapping[Session, str], asked_at: int
) -> None:
    """Remember why some sessions of a series were not given, in place of what they were before.

    Raises:
        sqlite3.Error: the ledger cannot be written.
    """
    connection.execute(_TABLE)
    for first, last, reason in _ranges(reasons.items()):
        connection.execute(_FORGET, (key, first, last))
        connection.execute(_INSERT, (key, first, last, asked_at, reason))


def find(connection: sqlite3.Connection, key: str, day: int) -> Unanswered | None:
    """The newest word about a day, such as 20240102; None when there is none.

    Raises:
        sqlite3.Error: the ledger cannot be read, or has no such table.
    """
    for asked_at, reason in connection.execute(_FIND, (key, day, day)):
        return Unanswered(int(asked_at), str(reason))
    return None


def keys(connection: sqlite3.Connection) -> list[str]:
    """Every series of which something was asked for in vain.

    Raises:
        sqlite3.Error: the ledger cannot be read, or has no such table.
    """
    return [str(key) for (key,) in connection.execute(_KEYS)]


def _ranges(reasons: Iterable[tuple[Session, str]]) -> Iterator[tuple[int, int, str]]:
    """Neighbouring sessions with the same reason, as their first and last day."""
    ordered = sorted(reasons, key=lambda pair: pair[0].date)
    alike = enumerate(ordered)
    for (_, reason), group in groupby(alike, lambda n: (n[1][0].number - n[0], n[1][1])):
        sessions = [session for _, (session, _) in group]
        yield _day(sessions[0]), _day(sessions[-1]), reason


def _day(session: Session) -> int:
    return int(f"{session.date:%Y%m%d}")
