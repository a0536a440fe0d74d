"""Which dates the plan of a key includes, learnt from what the provider refuses.

A plan reaches back some years, and some plans not up to today. The provider says so only when it is
asked for too much, and does not name the date. Whether it refuses a window that straddles the limit
or answers for a part of it is not documented, so the limit is looked for with single sessions,
which it can only refuse or answer.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Callable, Iterable
from threading import Lock

from attrs import define, evolve, field

from leanfeed.errors import AuthenticationError, ContractError
from leanfeed.values import Session
from leanfeed_polygon.answers import Answer, Question
from leanfeed_polygon.grouped import MarketQuestion
from leanfeed_polygon.refusals import DatesRefusedError, Limit, PlanLimitError

__all__ = ["PlanLimits"]

AnyQuestion = Question | MarketQuestion


def _unique(sessions: Iterable[Session]) -> tuple[Session, ...]:
    by_date = {session.date: session for session in sessions}
    return tuple(by_date[date] for date in sorted(by_date))


@define(eq=False)
class PlanLimits:
    """Asks within the limits of one key's plan, from any number of threads, for one run.

    A limit holds for every symbol and every kind of bar. It is looked for once; meanwhile nothing
    else is asked.
    """

    #: Sends a question and waits for its answer.
    send: Callable[[AnyQuestion], Answer]
    #: Every session that the run may ask about, in any order.
    sessions: tuple[Session, ...] = field(converter=_unique)
    #: The sessions that are not known to be refused are those from `_first` up to `_end`.
    _first: int = field(default=0, init=False)
    _end: int = field(init=False)
    _searched: set[Limit] = field(factory=set, init=False)
    _said: dict[Limit, str] = field(factory=dict, init=False)
    _refused: set[int] = field(factory=set, init=False)
    _no_more: AuthenticationError | None = field(default=None, init=False)
    _positions: dict[dt.date, int] = field(init=False)
    _lock: Lock = field(factory=Lock, init=False)

    @_end.default
    def _count(self) -> int:
        return len(self.sessions)

    @_positions.default
    def _number(self) -> dict[dt.date, int]:
        return {session.date: position for position, session in enumerate(self.sessions)}

    def ask(self, question: AnyQuestion) -> Answer | None:
        """The answer for those of its sessions that the plan includes; None when it includes none.

        Raises:
            AuthenticationError: the key or the product is refused; after that nothing is asked.
            SourceError: what else `send` raises.
        """
        while True:
            with self._lock:  # waits while another thread looks for a limit
                if self._no_more is not None:
                    raise self._no_more
                allowed = tuple(filter(self._allows, question.sessions))
                self._refuse(set(question.sessions).difference(allowed))
            if not allowed:
                return None
            narrowed = question.narrowed(allowed)
            try:
                return self._sent(narrowed)
            except DatesRefusedError as error:
                with self._lock:
                    if not self._learn(error, narrowed):
                        self._refuse(allowed)
                        return None

    def believed(self, answer: Answer) -> Answer:
        """Without the sessions that it leaves empty although the plan does not include them."""
        doubtful = {s for s in answer.sessions if not self._allows(s) and not answer.has_bars(s)}
        if not doubtful:
            return answer
        with self._lock:
            self._refuse(doubtful)
        return evolve(answer, sessions=answer.sessions - doubtful)

    def error(self) -> PlanLimitError | None:
        """What to say at the end about the sessions that were refused."""
        if not self._refused:
            return None
        first, last = self.sessions[min(self._refused)], self.sessions[max(self._refused)]
        which = f"{len(self._refused)} trading days asked for, {first} … {last}"
        if first is last:
            which = str(first)
        advice = "Add another source for them, or take a plan that includes them."
        if 0 < self._first < self._end:
            oldest = self.sessions[self._first]
            advice = f"Ask for dates from {oldest}, which it includes, or add another source."
        elif self._end < len(self.sessions):
            advice = "Run again when the day is over, or add another source."
        return PlanLimitError(
            f"Polygon's plan does not include {which}: {'; '.join(self._said.values())}. {advice}"
        )

    def _sent(self, question: AnyQuestion) -> Answer:
        try:
            return self.send(question)
        except AuthenticationError as error:
            self._no_more = error
            raise

    def _allows(self, session: Session) -> bool:
        return self._first <= self._positions[session.date] < self._end

    def _refuse(self, sessions: Iterable[Session]) -> None:
        self._refused.update(self._positions[session.date] for session in sessions)

    def _learn(self, error: DatesRefusedError, question: AnyQuestion) -> bool:
        """Find the limit; whether it is news for who asked the question."""
        limit = error.limit
        self._said.setdefault(limit, error.said)
        oldest, newest = (self._positions[question.sessions[i].date] for i in (0, -1))
        if oldest < self._first or newest >= self._end:
            return True  # another thread has found out
        if limit in self._searched:
            return False  # the provider contradicts itself
        if limit is Limit.TODAY and self._end == len(self.sessions):
            self._end = newest
            return True  # that was today: there is hardly more to find

        def is_included(session: Session) -> bool:
            return self._includes(question.probe(session), limit)

        if limit is Limit.HISTORY:
            self._first = bisect_left(self.sessions, True, oldest + 1, self._end, key=is_included)
        else:
            self._end = bisect_left(
                self.sessions, True, self._first, newest, key=lambda s: not is_included(s)
            )
        self._searched.add(limit)
        return True

    def _includes(self, question: AnyQuestion, limit: Limit) -> bool:
        try:
            self._sent(question)
        except DatesRefusedError as error:
            return error.limit is not limit
        except ContractError:
            return True  # it is an answer, if a bad one
        return True
