"""One request budget for everything on a key: all threads and all processes of this machine.

The provider counts every request that comes with a key, so the starts of requests are kept in a
small SQLite file that all of leanfeed's processes share. It is named by a digest of the key.
"""

from __future__ import annotations

import hashlib
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from threading import Lock
from typing import TypeVar

from attrs import define, field, frozen

__all__ = ["FREE", "Budget", "Rate", "Start"]

T = TypeVar("T")

#: How much longer than the provider's window ours is: requests do not travel at equal speed.
_MARGIN = 1.03
#: No honest reservation lies further ahead: the clock was set back.
_FARTHEST = 3600.0
#: How long a rate is believed that the provider has taught, in seconds.
_LEARNT_FOR = 3600.0
#: For how long starts are kept, in seconds: longer than any window.
_KEPT = 100.0
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS start (at REAL NOT NULL)",
    "CREATE TABLE IF NOT EXISTS lesson (id INTEGER PRIMARY KEY CHECK (id = 1), not_before REAL "
    "NOT NULL, requests INTEGER NOT NULL, seconds REAL NOT NULL, until REAL NOT NULL)",
    "INSERT OR IGNORE INTO lesson VALUES (1, 0, 0, 0, 0)",
)


@frozen
class Rate:
    """So many requests in any window of so many seconds.

    They may come as a burst at the start of the window; one request per window is an even pace.
    """

    requests: int
    seconds: float

    def spends(self, count: int) -> float:
        """Seconds from the first start to the last of `count` requests."""
        return max(count - 1, 0) // self.requests * self.seconds * _MARGIN


@frozen
class Start:
    """The moment at which one request may start."""

    number: int
    #: Seconds since 1970.
    at: float
    #: Seconds from when it was reserved.
    wait: float


#: Polygon's free plan: 5 requests in a rolling minute.
FREE = Rate(5, 60.0)


@define(eq=False)
class Budget:
    """Tells each request of one key when it may start.

    A folder that cannot be written leaves a budget for this process alone.
    """

    rate: Rate
    folder: Path
    key: str = field(repr=False)
    #: Who counts; a key may mean something else to another provider.
    provider: str = ""
    _lock: Lock = field(factory=Lock, init=False, repr=False)
    _own: sqlite3.Connection | None = field(default=None, init=False, repr=False)

    def close(self) -> None:
        """Forget a budget that was for this process alone."""
        with self._lock:
            if self._own is not None:
                self._own.close()
                self._own = None

    @property
    def path(self) -> Path:
        """The file that the processes share."""
        digest = hashlib.sha256(f"{self.provider} {self.key}".encode()).hexdigest()[:16]
        return self.folder / f"budget-{digest}.sqlite"

    def reserve(self) -> Start:
        """Take the next free start.

        After the wait for it look at :meth:`pause_left`: the provider may have refused somebody.
        Then, and when nothing is sent after all, :meth:`release` it.
        """

        def take(connection: sqlite3.Connection) -> Start:
            now = time.time()
            not_before, rate = self._lesson(connection, now)
            rows = connection.execute(
                "SELECT at FROM start WHERE at < ? ORDER BY at DESC LIMIT ?",
                (now + _FARTHEST, rate.requests),
            ).fetchall()
            at = max(now, not_before)
            if len(rows) == rate.requests:
                at = max(at, rows[-1][0] + rate.seconds * _MARGIN)
            connection.execute(
                "DELETE FROM start WHERE at < ? OR at > ?", (now - _KEPT, now + _FARTHEST)
            )
            cursor = connection.execute("INSERT INTO start VALUES (?)", (at,))
            return Start(cursor.lastrowid or 0, at, at - now)

        return self._transact(take)

    def release(self, start: Start) -> None:
        """Give back a start that is not used."""
        self._execute("DELETE FROM start WHERE rowid = ? AND at = ?", (start.number, start.at))

    def pause_left(self) -> float:
        """Seconds for which the provider wants nobody to ask."""
        now = time.time()
        not_before, _ = self._transact(lambda connection: self._lesson(connection, now))
        return max(not_before - now, 0.0)

    def pause(self, seconds: float) -> None:
        """Nobody asks for so long: the provider has refused the rate."""
        until = time.time() + seconds
        self._execute("UPDATE lesson SET not_before = max(not_before, ?)", (until,))

    def learn(self, rate: Rate) -> None:
        """Go no faster than `rate` for the next hour: the provider refused twice in a row."""
        values = (rate.requests, rate.seconds, time.time() + _LEARNT_FOR)
        self._execute("UPDATE lesson SET requests = ?, seconds = ?, until = ?", values)

    def _lesson(self, connection: sqlite3.Connection, now: float) -> tuple[float, Rate]:
        (row,) = connection.execute("SELECT not_before, requests, seconds, until FROM lesson")
        not_before, requests, seconds, until = row
        learnt = Rate(requests, seconds) if now < until < now + 2 * _LEARNT_FOR else self.rate
        is_slower = learnt.requests * self.rate.seconds < self.rate.requests * learnt.seconds
        if not_before > now + _FARTHEST:
            not_before = 0.0
        return not_before, learnt if is_slower else self.rate

    def _alone(self) -> sqlite3.Connection:
        """The budget of this process, in memory, where no file can be shared."""
        if self._own is None:
            self._own = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
            for statement in _SCHEMA:
                self._own.execute(statement)
        return self._own

    def _execute(self, statement: str, values: tuple[float, ...]) -> None:
        self._transact(lambda connection: connection.execute(statement, values))

    def _transact(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Work in a transaction on the shared file, or, where that fails, on memory of our own."""
        with self._lock:
            shared = self._begin() or self._begin()  # a damaged file is removed at the first try
            if shared is not None:
                with closing(shared), suppress(sqlite3.Error):  # the disk may refuse even now
                    done = work(shared)
                    shared.execute("COMMIT")
                    return done
            return work(self._alone())

    def _begin(self) -> sqlite3.Connection | None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self.path, timeout=30, isolation_level=None)
        except (OSError, sqlite3.Error):
            return None
        try:
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute("BEGIN IMMEDIATE")
            for statement in _SCHEMA:
                connection.execute(statement)
        except sqlite3.Error as error:
            connection.close()
            if error.sqlite_errorcode in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
                self.path.unlink(missing_ok=True)
            return None
        return connection
