"""The text of a file as columns of numbers, read at once: for checking, not for trading.

Prices stay as LEAN scales them, and times on the wall clock of the data time zone, because that is
how the text has them and no check needs more.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
from attrs import frozen

from leanfeed.lean.local_time import HOUR
from leanfeed.values import Series, TickType

__all__ = ["Rows", "Side", "parse_rows"]

Column = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]

_AS_LIST = bytes.maketrans(b"\n", b",")
_DECODER = msgspec.json.Decoder(list[float | None])
_MINUTE = HOUR // 60
#: A text is decoded in parts of about so many bytes.
_PART = 4 << 20


@frozen
class Side:
    """The prices of a bar and its volume, or those of one side of a quote bar and its size.

    Prices that nobody quoted are NaN.
    """

    open: Column
    high: Column
    low: Column
    close: Column
    size: Column


@frozen
class Rows:
    """The rows of one file, in its order."""

    #: Distinct trading days, ascending.
    dates: tuple[dt.date, ...]
    #: For each row the position of its day in `dates`.
    day: Index
    #: Milliseconds since midnight.
    clock: Index
    #: One of trade bars; bid and ask of quote bars.
    sides: tuple[Side, ...]
    #: Rows, counted from 1, with a date or time of day that does not exist; they are left out.
    impossible: tuple[int, ...] = ()

    def __len__(self) -> int:
        return len(self.day)

    def days_of(self, selection: npt.NDArray[np.bool_]) -> tuple[dt.date, ...]:
        """The distinct days of the rows that a mask selects."""
        return tuple(self.dates[i] for i in np.unique(self.day[selection]).tolist())


def parse_rows(text: bytes, series: Series, day: dt.date | None) -> Rows:
    """The columns of a text that :func:`~leanfeed.lean.lines.sound_part` left.

    Args:
        text: sound rows with LF between them; not empty.
        series: what the file holds.
        day: the day of the file, at minute and second resolution.
    """
    width = 11 if series.tick_type is TickType.QUOTE else 6
    table = _numbers(text).reshape(-1, width).T
    if day is not None:
        here = np.zeros(table.shape[1], dtype=np.int64)
        return Rows((day,), here, table[0].astype(np.int64), _sides(table))
    stamps = table[0].astype(np.int64)
    days, position = np.unique(stamps // 10_000, return_inverse=True)
    hours, minutes = stamps // 100 % 100, stamps % 100
    known = [_date(number) for number in days.tolist()]
    is_known = np.array([date is not None for date in known])
    is_sound = is_known[position] & (hours < 24) & (minutes < 60)
    return Rows(
        tuple(date for date in known if date is not None),
        (np.cumsum(is_known) - 1)[position][is_sound],
        (hours * HOUR + minutes * _MINUTE)[is_sound],
        _sides(table[:, is_sound]),
        tuple((np.flatnonzero(~is_sound) + 1).tolist()),
    )


def _numbers(text: bytes) -> Column:
    """All numbers in the order of the text; those left out are NaN."""
    if len(text) <= _PART:
        return _decoded(text)
    parts: list[Column] = []
    start = 0
    while start < len(text):  # as a list of floats, all of it would be twenty times as large
        end = text.find(b"\n", start + _PART)
        end = len(text) if end < 0 else end
        parts.append(_decoded(text[start:end]))
        start = end + 1
    return np.concatenate(parts)


def _decoded(text: bytes) -> Column:
    plain = text.translate(_AS_LIST, b" :")
    if b",," in plain:
        plain = plain.replace(b",,", b",null,").replace(b",,", b",null,")
    try:
        # Four times as fast as np.fromstring, which splits with the C library's strtod.
        numbers: list[Any] = _DECODER.decode(b"[" + plain + b"]")
    except msgspec.DecodeError:  # JSON knows no leading zeros, LEAN does
        numbers = [None if part == b"null" else float(part) for part in plain.split(b",")]
    return np.array(numbers, dtype=np.float64)


def _sides(table: npt.NDArray[np.float64]) -> tuple[Side, ...]:
    return tuple(Side(*table[i : i + 5]) for i in range(1, len(table), 5))


def _date(number: int) -> dt.date | None:
    try:
        return dt.date(number // 10_000, number // 100 % 100, number % 100)
    except ValueError:
        return None
