"""What a plan needs of each series, kept as one value beside its rows; see the ledger's file."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

from leanfeed.ledger.entries import Columns

__all__ = ["pack", "read_packed"]

_ROWS = """
SELECT series, ticker, date, size, changed_ns, affirmed_at, hours = 'regular'
FROM session WHERE series IN ({keys}) ORDER BY series, date
"""
_INSERT = "INSERT OR REPLACE INTO packed VALUES (?, ?, ?)"
_SELECT = "SELECT series, ticker, columns FROM packed WHERE series IN ({keys})"
#: Of one query; every SQLite takes so many.
_MOST_KEYS = 500


def read_packed(
    connection: sqlite3.Connection, keys: Iterable[str]
) -> Iterator[tuple[str, Columns]]:
    """Those of some series that are there.

    Raises:
        sqlite3.Error: the ledger cannot be read.
    """
    for key, ticker, data in _selected(connection, _SELECT, keys):
        with contextlib.suppress(TypeError, ValueError):  # a row may hold anything
            yield key, Columns.of_bytes(ticker, data)


def pack(connection: sqlite3.Connection, keys: Iterable[str]) -> None:
    """Make them of the rows of some series.

    Raises:
        sqlite3.Error: the ledger cannot be written.
    """
    connection.executemany(_INSERT, _packed(connection, keys))


def _packed(
    connection: sqlite3.Connection, keys: Iterable[str]
) -> Iterator[tuple[str, str, bytes]]:
    for key, group in groupby(_selected(connection, _ROWS, keys), key=itemgetter(0)):
        rows = list(group)
        with contextlib.suppress(TypeError, ValueError):  # as above, and not of one ticker
            (ticker,) = {row[1] for row in rows}
            yield key, ticker, Columns.to_bytes(row[2:] for row in rows)


def _selected(
    connection: sqlite3.Connection, query: str, keys: Iterable[str]
) -> Iterator[tuple[Any, ...]]:
    wanted = sorted(keys)  # as they lie in the file
    for first in range(0, len(wanted), _MOST_KEYS):
        some = wanted[first : first + _MOST_KEYS]
        yield from connection.execute(query.format(keys=", ".join("?" * len(some))), some)
