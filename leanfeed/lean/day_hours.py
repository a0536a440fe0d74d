"""The trading hours of one day, and what an early close or a late open leaves of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Self

from attrs import frozen

from leanfeed.lean.time_zones import DAY
from leanfeed.values import Interval

__all__ = ["DayHours", "clip", "join"]


@frozen
class DayHours:
    """When a market is open on one of its days. Milliseconds, half-open, ascending, none touching.

    A calendar counts them from local midnight; once :meth:`placed` they are UTC epoch instants.
    """

    #: Pre-market, market and post-market together; never empty.
    open: tuple[Interval, ...]
    #: The market alone: empty on days such as a future's Sunday evening.
    regular: tuple[Interval, ...]
    #: From the first opening to the last close of a usual day.
    extended: Interval

    @classmethod
    def usual(cls, open: Iterable[Interval], regular: Iterable[Interval]) -> Self | None:
        """A day without exceptions; None when the market never opens on it."""
        opened = join(open)
        if not opened:
            return None
        return cls(opened, join(regular), (opened[0][0], opened[-1][1]))

    @classmethod
    def within(cls, bounds: Interval, days: Sequence[DayHours]) -> Self | None:
        """What of several placed days lies inside the bounds; None when no opening does."""
        opened = join(part for day in days for part in clip(day.open, bounds))
        if not opened:
            return None
        regular = join(part for day in days for part in clip(day.regular, bounds))
        extended = join(part for day in days for part in clip((day.extended,), bounds))
        return cls(opened, regular, (extended[0][0], extended[-1][1]))

    def cut(self, early_close: int | None, late_open: int | None) -> Self | None:
        """What is left of a usual day; None when nothing is.

        An early close before a late open is a break: the market trades on both sides of it. The
        extended hours stay those of a usual day.
        """
        close = DAY if early_close is None else early_close
        opening = 0 if late_open is None else late_open
        kept = [(0, close), (opening, DAY)] if close < opening else [(opening, close)]
        opened = join(part for k in kept for part in clip(self.open, k))
        regular = join(part for k in kept for part in clip(self.regular, k))
        return type(self)(opened, regular, self.extended) if opened else None

    def placed(self, at: Callable[[int], int]) -> Self:
        """The same hours, each boundary moved to what `at` says."""
        return type(self)(
            tuple((at(a), at(b)) for a, b in self.open),
            tuple((at(a), at(b)) for a, b in self.regular),
            (at(self.extended[0]), at(self.extended[1])),
        )


def clip(intervals: Iterable[Interval], bounds: Interval) -> list[Interval]:
    """The parts of the intervals that lie inside the bounds."""
    first, last = bounds
    return [(max(a, first), min(b, last)) for a, b in intervals if a < last and first < b]


def join(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """Ascending, with intervals that touch or overlap made one."""
    joined: list[Interval] = []
    for start, end in sorted(intervals):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        elif start < end:
            joined.append((start, end))
    return tuple(joined)
