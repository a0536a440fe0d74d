"""The ledger of one data folder."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path, PurePath
from time import monotonic
from types import TracebackType
from typing import Any, Self

from attrs import define, field

from leanfeed.ledger.entries import Columns, Entry
from leanfeed.ledger.packed import pack, read_packed
from leanfeed.ledger.storage import change, open_to_read
from leanfeed.ledger.unanswered import Unanswered, find, keys, replace
from leanfeed.links import leads_out
from leanfeed.stamps import Stamp
from leanfeed.values import (
    Hours,
    Resolution,
    SecurityType,
    Series,
    Session,
    Symbol,
    TickType,
    Written,
)

__all__ = ["FOLDER", "Ledger"]

#: The folder inside the data folder that holds everything of leanfeed's own.
FOLDER = ".leanfeed"

#: How much a run that is killed may forget: rows, and seconds.
_PENDING, _FLUSH_EVERY = 1024, 2.0
_SELECT = """
SELECT date, ticker, rows, hours, size, changed_ns, source, request_id, affirmed_at, crc, note
FROM session WHERE series = ?
"""
_INSERT = "INSERT OR {otherwise} INTO session VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_FORGET = """
DELETE FROM session WHERE series = ? AND date = ? AND (size, changed_ns) IS NOT (?, ?)
AND (source = '' OR rows = 0 OR crc IN (0, ?))
"""

_Row = tuple[str, int, str, int, str, int, int, str, str, int, int, str]


@define
class Ledger:
    """What is known of the series of a data folder. Use it in a ``with`` block.

    Reading writes nothing. What is recorded reaches the disk in batches and at the end of the
    block; a disk that refuses costs only what the ledger saves.
    """

    data_folder: Path
    _reader: sqlite3.Connection | None = field(default=None, init=False)
    _is_opened: bool = field(default=False, init=False)
    _recorded: list[_Row] = field(factory=list, init=False)
    _adopted: list[_Row] = field(factory=list, init=False)
    _unpacked: set[str] = field(factory=set, init=False)
    _flushed_at: float = field(factory=monotonic, init=False)
    #: Somebody held the file for so long that nobody waits for it again.
    _is_held: bool = field(default=False, init=False)

    @property
    def path(self) -> Path:
        """Where the ledger lies."""
        return self.data_folder / FOLDER / "ledger.sqlite"

    def columns(self, series: Iterable[Series]) -> dict[Series, Columns]:
        """What a plan needs of some series, in short; :meth:`entries` can tell of the others."""
        of_key = {_key(one): one for one in series}
        found: dict[Series, Columns] = {}
        with contextlib.suppress(sqlite3.Error):
            connection = self._opened()
            for key, packed in read_packed(connection, of_key) if connection else ():
                found[of_key[key]] = packed
        return found

    def entries(self, series: Series) -> dict[dt.date, Entry]:
        """Everything known about a series, by date."""
        found: dict[dt.date, Entry] = {}
        with contextlib.suppress(sqlite3.Error):
            for row in self._select(_SELECT, _key(series)):
                with contextlib.suppress(TypeError, ValueError):  # a row may hold anything
                    date, entry = _entry(*row)
                    found[date] = entry
        return found

    def record(self, written: Written, *, hours: Hours, at: dt.datetime, note: str = "") -> None:
        """Remember what the writer confirmed, and when it was asked for."""
        size, changed, crc = written.size, written.changed_ns, written.crc
        if written.path and written.rows and not size:
            from leanfeed.ledger.digests import stored_crc  # late: it brings numpy

            path = self.data_folder / written.path
            with contextlib.suppress(OSError):
                size, _, changed = Stamp.of(path.stat())
                crc = stored_crc(path, size, changed, written.series, written.session.date)
        row = (
            _key(written.series),
            _day(written.session.date),
            written.series.symbol.ticker,
            written.rows,
            hours.value,
            size,
            changed,
            written.source,
            written.request_id,
            int(at.timestamp() * 1000),
            crc,
            note,
        )
        self._recorded.append(row)
        self._flush_some()

    def adopt(self, series: Series, entries: Mapping[dt.date, Entry]) -> None:
        """Remember files that were found and opened, so that they need not be opened again.

        What another process has recorded about the very same file meanwhile stands, and so does
        what leanfeed wrote where other bars were found: a later audit can tell.
        """
        if os.access(self.data_folder, os.W_OK):
            self._adopted += (_row(series, date, entry) for date, entry in entries.items())
            self._flush_some()

    def record_unanswered(
        self, series: Series, reasons: Mapping[Session, str], *, at: dt.datetime
    ) -> None:
        """Remember that nobody gave some sessions, and why."""
        asked_at = int(at.timestamp() * 1000)
        self._change(lambda connection: replace(connection, _key(series), reasons, asked_at))

    def unanswered(self, series: Series, date: dt.date) -> Unanswered | None:
        """Why nobody gave a session when it was last asked for; None when that is not known."""
        day = int(f"{date:%Y%m%d}")
        with contextlib.suppress(sqlite3.Error, TypeError, ValueError):
            connection = self._opened()
            return find(connection, _key(series), day) if connection else None
        return None

    def asked_in_vain(self) -> list[Series]:
        """Every series of which somebody asked for a session that nobody gave, then or later."""
        with contextlib.suppress(sqlite3.Error):
            connection = self._opened()
            return [*_named(keys(connection))] if connection else []
        return []

    def flush(self) -> None:
        """Write what is pending."""
        self._flushed_at = monotonic()
        if self._recorded or self._adopted:
            self._change(self._insert)
            self._unpacked.update(row[0] for row in (*self._recorded, *self._adopted))
            self._recorded.clear()
            self._adopted.clear()

    def _flush_some(self) -> None:
        is_due = monotonic() - self._flushed_at > _FLUSH_EVERY
        if is_due or len(self._recorded) + len(self._adopted) >= _PENDING:
            self.flush()

    def _insert(self, connection: sqlite3.Connection) -> None:
        connection.executemany(_FORGET, [(*row[:2], *row[5:7], row[10]) for row in self._adopted])
        connection.executemany(_INSERT.format(otherwise="IGNORE"), self._adopted)
        connection.executemany(_INSERT.format(otherwise="REPLACE"), self._recorded)

    def _change(self, apply: Callable[[sqlite3.Connection], None]) -> None:
        if self._is_held or leads_out(self.data_folder, PurePath(FOLDER, self.path.name)):
            return
        with contextlib.suppress(OSError):
            try:
                change(self.path, apply)
            except sqlite3.Error as error:
                self._is_held = getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_BUSY

    def _select(self, query: str, *keys: str) -> Iterable[Any]:
        reader = self._opened()
        return reader.execute(query, keys) if reader else []

    def _opened(self) -> sqlite3.Connection | None:
        if not self._is_opened:
            self._is_opened = True
            self._reader = open_to_read(self.path)
        return self._reader

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.flush()
        if self._unpacked:
            self._change(lambda connection: pack(connection, self._unpacked))
            self._unpacked.clear()
        if self._reader is not None:
            self._reader.close()
        self._reader, self._is_opened = None, False


def _key(series: Series) -> str:
    symbol = series.symbol
    parts = (symbol.security_type, symbol.market, series.resolution, symbol.file_ticker)
    return "/".join((*parts, series.tick_type))


def _named(keys: Iterable[str]) -> Iterator[Series]:
    """The inverse of :func:`_key`; what is no key is left out."""
    for key in keys:
        with contextlib.suppress(TypeError, ValueError):  # a row may hold anything
            kind, market, resolution, ticker, tick_type = key.split("/")
            symbol = Symbol(ticker.upper(), SecurityType(kind), market)
            yield Series(symbol, Resolution(resolution), TickType(tick_type))


def _day(date: dt.date) -> int:
    return date.year * 10000 + date.month * 100 + date.day


def _row(series: Series, date: dt.date, entry: Entry) -> _Row:
    return (
        _key(series),
        _day(date),
        entry.ticker,
        entry.rows,
        entry.hours.value,
        entry.size,
        entry.changed_ns,
        entry.source,
        entry.request_id,
        entry.affirmed_at,
        entry.crc,
        entry.note,
    )


def _entry(
    date: int,
    ticker: str,
    rows: int,
    hours: str,
    size: int,
    changed_ns: int,
    source: str,
    request_id: str,
    affirmed_at: int,
    crc: int,
    note: str,
) -> tuple[dt.date, Entry]:
    """One row of the file.

    Raises:
        TypeError, ValueError: it holds something else.
    """
    for text in (ticker, source, request_id, note):
        if not isinstance(text, str):
            raise TypeError(f"{text!r} is no text.")
    return dt.date(date // 10000, date // 100 % 100, date % 100), Entry(
        ticker=ticker,
        rows=int(rows),
        hours=Hours(hours),
        size=int(size),
        changed_ns=int(changed_ns),
        source=source,
        request_id=request_id,
        affirmed_at=int(affirmed_at),
        crc=int(crc),
        note=note,
    )
