"""The sessions of one market that a request asks for."""

from __future__ import annotations

import datetime as dt
from array import array
from functools import cached_property, lru_cache
from typing import Self

from attrs import evolve, frozen

from leanfeed.default_plugins.stored_series import Stored
from leanfeed.lean.market_hours import MarketHours
from leanfeed.request import Incomplete, Request
from leanfeed.values import Session

__all__ = ["Window"]


@frozen(eq=False, slots=False)  # for the cached properties: series of one market share them
class Window:
    """Which sessions are asked for, each group oldest first."""

    start: dt.date
    end: dt.date
    settled: tuple[Session, ...]
    #: Going on, or over and not settled, and to be fetched all the same.
    begun: tuple[Session, ...]
    #: The rest: not to be fetched.
    unsettled: tuple[Session, ...]
    #: How long after its end the bars of a session count as final, in milliseconds.
    settle: int
    #: How long trading goes on after a close, in milliseconds.
    post_market: int

    @classmethod
    def asked(cls, request: Request, hours: MarketHours, *, settle: int) -> Self:
        """The sessions of a market that are asked for, sorted by whether they are over.

        Raises:
            InvalidRequestError: the calendar does not know the window.
        """
        now = int(request.asked_at.timestamp() * 1000)
        latest = request.end or request.asked_at.date() + dt.timedelta(days=1)
        asked = hours.sessions(request.start, latest)
        late = hours.post_market
        settled = tuple(session for session in asked if _end(session, late) + settle <= now)
        rest = asked[len(settled) :]
        begun: tuple[Session, ...] = ()
        if request.incomplete is Incomplete.FETCH:
            begun = tuple(session for session in rest if session.extended[0] <= now)
        warmup = hours.sessions_before(request.start, request.warmup) if request.warmup else ()
        last = (settled + begun)[-1:]
        return cls(
            start=warmup[0].date if warmup else request.start,
            end=request.end or (last[0].date if last else request.start),
            settled=warmup + settled,
            begun=begun,
            unsettled=rest[len(begun) :] if request.end else (),
            settle=settle,
            post_market=late,
        )

    @cached_property
    def sessions(self) -> tuple[Session, ...]:
        """All of them, oldest first."""
        return self.settled + self.begun + self.unsettled

    def of(self, stored: Stored) -> Window:
        """What a series holds of the window, by the map files."""
        if not self.sessions or stored.holds(self.sessions[0].date, self.sessions[-1].date):
            return self
        return evolve(
            self,
            settled=stored.of(self.settled),
            begun=stored.of(self.begun),
            unsettled=stored.of(self.unsettled),
        )

    def final_at(self, session: Session) -> int:
        """The instant from which the provider's bars of a session count as final."""
        return _end(session, self.post_market) + self.settle

    @cached_property
    def days(self) -> array[int]:
        """The dates of the settled sessions as numbers such as 20240102."""
        return array("q", (int(f"{session.date:%Y%m%d}") for session in self.settled))

    @cached_property
    def final_ats(self) -> tuple[int, ...]:
        """The instants from which the settled sessions are final."""
        return tuple(map(self.final_at, self.settled))

    def file_names(self, end: str) -> tuple[str, ...]:
        """The zips of the settled sessions at minute and second resolution.

        Args:
            end: what follows the date in their names.
        """
        return _file_names(self, end)


def _end(session: Session, post_market: int) -> int:
    """When trading is over: earlier than the extended hours are after an early close."""
    last = session.extended[1]
    return min(last, session.regular[-1][1] + post_market) if session.regular else last


@lru_cache(maxsize=16)
def _file_names(window: Window, end: str) -> tuple[str, ...]:
    return tuple(f"{day}{end}" for day in window.days)
