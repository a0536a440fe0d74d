"""Bars as columns: what travels from a provider's page to a LEAN file.

Every column is a one-dimensional numpy array of the same length. ``time`` is int64, UTC epoch
milliseconds of the bar's *start*; all others are float64. A float64 carries any decimal of up to
15 significant digits exactly, so a provider's price survives the journey.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from attrs import cmp_using, field, fields, frozen

__all__ = ["Bars", "QuoteBars"]

FloatColumn = npt.NDArray[np.float64]
TimeColumn = npt.NDArray[np.int64]

_same = cmp_using(eq=lambda a, b: np.array_equal(a, b, equal_nan=True))


def _times(values: Any) -> TimeColumn:
    return np.asarray(values, dtype=np.int64)


def _floats(values: Any) -> FloatColumn:
    return np.asarray(values, dtype=np.float64)


@frozen(slots=True)
class _Columns:
    """What trade bars and quote bars share: columns of one length, cut and joined together."""

    #: Start of the bar, int64, UTC epoch milliseconds.
    time: TimeColumn = field(converter=_times, eq=_same)

    @classmethod
    def of_bytes(cls, block: bytes, rows: int) -> Self:
        """The inverse of :meth:`to_bytes`, as columns that nobody can change."""
        columns = np.frombuffer(block).reshape(-1, rows)
        return cls._of((columns[0].view(np.int64), *columns[1:]))

    @classmethod
    def _of(cls, columns: Iterable[npt.NDArray[Any]]) -> Self:
        """The same as the class itself gives, in less time, of columns that have their types."""
        bars = cls.__new__(cls)
        for name, column in zip(cls.__match_args__, columns, strict=True):
            object.__setattr__(bars, name, column)
        return bars

    @classmethod
    def empty(cls) -> Self:
        """No bars at all."""
        return cls(*(np.empty(0) for _ in fields(cls)))

    @classmethod
    def concat(cls, parts: Sequence[Self]) -> Self:
        """The bars of all parts, in the order given."""
        if len(parts) == 1:
            return parts[0]
        if not parts:
            return cls.empty()
        return cls._of(map(np.concatenate, zip(*(p.columns for p in parts), strict=True)))

    @property
    def columns(self) -> tuple[npt.NDArray[Any], ...]:
        """The arrays, in the order of the fields."""
        raise NotImplementedError

    def between(self, start: int, end: int) -> Self:
        """The bars that start in ``[start, end)``, as views: `time` must be ascending."""
        first, last = self.time.searchsorted((start, end))
        return self.rows(slice(first, last))

    def rows(self, selection: slice | npt.NDArray[Any]) -> Self:
        """The bars that a slice, a mask or an array of positions selects."""
        return self._of([column[selection] for column in self.columns])

    def copied(self) -> Self:
        """The same bars in arrays of their own, which nobody can change."""
        copies = [np.array(column) for column in self.columns]
        for column in copies:
            column.flags.writeable = False
        return self._of(copies)

    def to_bytes(self) -> bytes:
        """The columns one after the other, each number in 8 bytes, as this machine has them."""
        return b"".join([np.ascontiguousarray(column).data for column in self.columns])

    def __len__(self) -> int:
        return len(self.time)


@frozen(slots=True, repr=False)
class Bars(_Columns):
    """Trade bars: raw prices in the quote currency; volume may be fractional."""

    open: FloatColumn = field(converter=_floats, eq=_same)
    high: FloatColumn = field(converter=_floats, eq=_same)
    low: FloatColumn = field(converter=_floats, eq=_same)
    close: FloatColumn = field(converter=_floats, eq=_same)
    volume: FloatColumn = field(converter=_floats, eq=_same)

    @property
    def columns(self) -> tuple[npt.NDArray[Any], ...]:
        return self.time, self.open, self.high, self.low, self.close, self.volume

    def __repr__(self) -> str:
        return _describe(self)


@frozen(slots=True, repr=False)
class QuoteBars(_Columns):
    """Quote bars: bid and ask; the four prices of a side nobody quoted are NaN, its size 0."""

    bid_open: FloatColumn = field(converter=_floats, eq=_same)
    bid_high: FloatColumn = field(converter=_floats, eq=_same)
    bid_low: FloatColumn = field(converter=_floats, eq=_same)
    bid_close: FloatColumn = field(converter=_floats, eq=_same)
    bid_size: FloatColumn = field(converter=_floats, eq=_same)
    ask_open: FloatColumn = field(converter=_floats, eq=_same)
    ask_high: FloatColumn = field(converter=_floats, eq=_same)
    ask_low: FloatColumn = field(converter=_floats, eq=_same)
    ask_close: FloatColumn = field(converter=_floats, eq=_same)
    ask_size: FloatColumn = field(converter=_floats, eq=_same)

    @property
    def columns(self) -> tuple[npt.NDArray[Any], ...]:
        bid = (self.bid_open, self.bid_high, self.bid_low, self.bid_close, self.bid_size)
        ask = (self.ask_open, self.ask_high, self.ask_low, self.ask_close, self.ask_size)
        return (self.time, *bid, *ask)

    def __repr__(self) -> str:
        return _describe(self)


def _describe(bars: _Columns) -> str:
    name = type(bars).__name__
    if not len(bars):
        return f"{name}(none)"
    first, last = (np.datetime64(int(bars.time[i]), "ms") for i in (0, -1))
    return f"{name}({len(bars)} from {first}Z to {last}Z)"
