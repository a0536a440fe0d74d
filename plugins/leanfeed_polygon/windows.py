"""Cuts missing sessions into windows: the fewest requests that the page limit allows.

A page holds at most 50,000 *base* aggregates (https://polygon.io/blog/aggs-api-updates), so a
request is a stretch of time. Lay all sessions of a market end to end, each cut into the slots in
which a bar may start: 960 minutes, 57,600 seconds or one day. Nights, weekends and holidays take no
slots; sessions that are not asked for do, when a window reaches across them. Every session counts
as long as the longest one: those of US equities are all of one length.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum

import numpy as np
from attrs import frozen

from leanfeed.values import Interval, Session

__all__ = ["PAGE_LIMIT", "Timespan", "Window", "interval", "windows"]

#: The most base aggregates of one page; who does not ask for it gets 5,000.
PAGE_LIMIT = 50_000


class Timespan(StrEnum):
    """Polygon's word for the length of a base aggregate."""

    SECOND = "second"
    MINUTE = "minute"
    DAY = "day"

    @property
    def milliseconds(self) -> int:
        """The length of an aggregate; of a day, nominally."""
        return {"second": 1_000, "minute": 60_000, "day": 86_400_000}[self]


@frozen
class Window:
    """What one request asks for: ``[start, end)``, UTC epoch milliseconds."""

    start: int
    end: int
    #: The sessions asked for that lie in it, oldest first. The edges may cut the outer two.
    sessions: tuple[Session, ...]

    def narrowed(self, sessions: tuple[Session, ...], timespan: Timespan) -> Window:
        """The part with `sessions`, neighbours among its own; an edge moves only if it must."""
        first, last = sessions[0], sessions[-1]
        return Window(
            self.start if first == self.sessions[0] else interval(first, timespan)[0],
            self.end if last == self.sessions[-1] else interval(last, timespan)[1],
            sessions,
        )


def interval(session: Session, timespan: Timespan) -> Interval:
    """Where the aggregates of a session start."""
    return session.day if timespan is Timespan.DAY else session.extended


def windows(
    sessions: Sequence[Session], timespan: Timespan, *, limit: int = PAGE_LIMIT
) -> tuple[Window, ...]:
    """The windows that cover `sessions`, oldest first, as few as can be.

    Among the partitions with the fewest windows it is the one that reaches across the fewest
    sessions that nobody asked for. `sessions` are ascending and unique.
    """
    if not sessions:
        return ()
    per_session = max(_slots(session, timespan) for session in sessions)
    by_number = {session.number: session for session in sessions}
    return tuple(
        _window(start, min(start + limit, group_end), by_number, timespan, per_session)
        for group_start, group_end in _groups(_runs(sessions, per_session), limit)
        for start in range(group_start, group_end, limit)
    )


def _slots(session: Session, timespan: Timespan) -> int:
    if timespan is Timespan.DAY:
        return 1
    start, end = interval(session, timespan)
    return -(-(end - start) // timespan.milliseconds)


def _runs(sessions: Sequence[Session], per_session: int) -> list[tuple[int, int]]:
    """Neighbouring sessions as stretches of slots."""
    runs: list[tuple[int, int]] = []
    for session in sessions:
        start = session.number * per_session
        if runs and runs[-1][1] == start:
            start, _ = runs.pop()
        runs.append((start, (session.number + 1) * per_session))
    return runs


def _groups(runs: Sequence[tuple[int, int]], limit: int) -> Iterator[tuple[int, int]]:
    """Join runs where that saves a request; a group of n slots costs ceil(n / limit) requests.

    ``cost[j]`` is the cheapest way to cover the first j runs, (requests, slots) as one number: the
    last group starts at some run i, so it is the least of ``cost[i]`` plus that group. In the best
    partition no window ends between two runs of a group: parting them there would be cheaper.
    """
    starts, ends = np.array(runs, dtype=np.int64).T
    a_request = int(ends[-1] - starts[0]) + 1
    cost = np.zeros(len(runs) + 1, dtype=np.int64)
    first = np.zeros(len(runs) + 1, dtype=np.int64)
    for j, end in enumerate(ends, start=1):
        slots = end - starts[:j]
        candidates = cost[:j] - (-slots // limit) * a_request + slots
        first[j] = np.argmin(candidates)
        cost[j] = candidates[first[j]]
    groups = []
    j = len(runs)
    while j:
        groups.append((int(starts[first[j]]), int(ends[j - 1])))
        j = int(first[j])
    return reversed(groups)


def _window(
    start: int, end: int, by_number: dict[int, Session], timespan: Timespan, per_session: int
) -> Window:
    first, first_slot = divmod(start, per_session)
    last, last_slot = divmod(end - 1, per_session)
    start_time = interval(by_number[first], timespan)[0] + first_slot * timespan.milliseconds
    end_time = interval(by_number[last], timespan)[1]
    if last_slot < per_session - 1:
        end_time = interval(by_number[last], timespan)[0] + (last_slot + 1) * timespan.milliseconds
    numbers = (n for n in range(first, last + 1) if n in by_number)
    return Window(start_time, end_time, tuple(by_number[n] for n in numbers))
