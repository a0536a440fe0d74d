"""The loop of the straight line: ask for what is missing, store what comes, look again."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from attrs import define, evolve, field

from leanfeed import events
from leanfeed.chain import SourceChain
from leanfeed.claims import Claims, clear_away
from leanfeed.interfaces import LeanWriter
from leanfeed.lean.paths import zip_path
from leanfeed.ledger import Ledger, suspicious
from leanfeed.outcome import Outcome
from leanfeed.plans import Plan
from leanfeed.request import Request
from leanfeed.values import Delivery, Hours, Series, Session
from leanfeed.watch import Watch
from leanfeed.writable import check_writable

__all__ = ["Filling"]


@define
class Filling:
    """One run that fetches."""

    chain: SourceChain
    writer: LeanWriter
    #: Plans the same request again, when another run or the provider's clock changed what is true.
    plan: Callable[[Request], Plan]
    outcome: Outcome
    watch: Watch
    lock_limit: float
    #: What :func:`~leanfeed.claims.generation` gave before the plan was made.
    generation: str
    _is_corrected: bool = field(default=False, init=False)
    _is_outdated: bool = field(default=False, init=False)

    @property
    def data_folder(self) -> Path:
        """Where the sessions are stored."""
        return self.outcome.plan.data_folder

    def run(self) -> None:
        """Fetch and store everything that is missing and that no other run is fetching.

        Raises:
            WriteError: the disk refused.
        """
        gaps = self.outcome.plan.gaps
        check_writable(self.data_folder, (gap.series for gap in gaps))
        was_there = os.access(self.data_folder, os.F_OK)
        claims = Claims(self.data_folder, self.lock_limit)
        left = {gap.series for gap in gaps}
        try:
            with Ledger(self.data_folder) as ledger:
                while left and not self.watch.is_over:
                    with claims.claim(left, is_over=lambda: self.watch.is_over) as claim:
                        if claim.generation != self.generation:
                            ledger.flush()
                            self._plan_again()
                        if claim.busy:
                            self._give_up(left, claim.busy)
                            break
                        self._store(claim.series, ledger)
                        self.generation = ""
                    left -= claim.series
                ledger.flush()
                self._look_at_holes(ledger)
                if was_there or self.outcome.has_stored:
                    self._remember_unanswered(ledger)
        finally:
            self.outcome.failures = self.chain.failures
            self.outcome.reasons |= self.chain.reasons
            if not was_there and not self.outcome.has_stored:
                clear_away(self.data_folder)

    def _plan_again(self) -> None:
        request = self.outcome.plan.request
        planned = self.plan(evolve(request, asked_at=self.watch.corrected(request.asked_at)))
        self.outcome.plan = evolve(planned, estimates=self.outcome.plan.estimates)

    def _look_at_holes(self, ledger: Ledger) -> None:
        """Find sessions without trades that are suspicious."""
        for series, sessions in self.outcome.without_trades().items():
            rows = {date: entry.rows for date, entry in ledger.entries(series).items()}
            dates = suspicious(series.resolution, rows)
            found = tuple(session for session in sessions if session.date in dates)
            self.outcome.suspicious[series] = found

    def _remember_unanswered(self, ledger: Ledger) -> None:
        """For whoever wants to know why a session is missing."""
        in_full = {f.in_short: f"{f.source}: {f.message}" for f in self.chain.failures}
        for gap in self.outcome.still_wanted():
            reasons = {
                session: in_full.get(reason, reason)
                for session in gap.sessions
                if (reason := self.chain.reasons.get((gap.series, session)))
            }
            if reasons:
                asked_at = self.outcome.plan.request.asked_at
                ledger.record_unanswered(gap.series, reasons, at=asked_at)

    def _give_up(self, series: set[Series], busy: str) -> None:
        reason = f"another run ({busy}) has been fetching it for {self.lock_limit:g} s"
        for gap in self.outcome.plan.gaps:
            if gap.series in series:
                self.outcome.reasons.update({(gap.series, s): reason for s in gap.sessions})

    def _store(self, series: frozenset[Series], ledger: Ledger) -> None:
        """Ask for what is missing of the series; once more when the clock was wrong."""
        self._is_outdated = True
        while self._is_outdated and not self.watch.is_over:
            self._is_outdated = False
            gaps = [gap for gap in self.outcome.still_wanted() if gap.series in series]
            hours = self.outcome.plan.request.hours
            fetched = self.chain.fetch(gaps, is_over=self._is_over)
            stream = _Stream(self.chain, fetched, hours, self._damaged())
            for written in self.writer.write(stream, self.data_folder):
                request = self.outcome.plan.request  # its clock may have been corrected
                note = self.outcome.note(written.source)
                ledger.record(written, hours=request.hours, at=request.asked_at, note=note)
                events.announce(events.SessionStored(written))
            if stream.interrupt is not None:
                raise stream.interrupt

    def _damaged(self) -> dict[Series, frozenset[str]]:
        """What the plan condemned of each series."""
        return {s.series: frozenset(s.damaged) for s in self.outcome.plan.series if s.damaged}

    def _is_over(self) -> bool:
        """Whether to stop asking, because nobody waits for it or the plan was wrong."""
        if self.watch.is_clock_wrong and not self._is_corrected:
            self._is_corrected = True
            gaps = self.outcome.plan.gaps
            self._plan_again()
            self._is_outdated = gaps != self.outcome.plan.gaps
        return self._is_outdated or self.watch.is_over


@define
class _Stream:
    """The deliveries on their way to the writer.

    Ctrl-C ends the stream early instead of tearing through the writer, so that what has come
    already is stored; the interrupt waits in :attr:`interrupt`.
    """

    _chain: SourceChain
    _deliveries: Iterator[Delivery]
    _hours: Hours
    #: Files by their paths.
    _damaged: Mapping[Series, frozenset[str]]
    interrupt: KeyboardInterrupt | None = field(default=None, init=False)

    @property
    def is_idle(self) -> bool:
        """See :class:`~leanfeed.interfaces.LeanWriter`."""
        return self._chain.is_idle

    def __iter__(self) -> Iterator[Delivery]:
        try:
            for delivery in self._deliveries:
                yield self._marked(_within(delivery, self._hours))
        except KeyboardInterrupt as interrupt:
            self.interrupt = interrupt

    def _marked(self, delivery: Delivery) -> Delivery:
        """Whoever stores it learns whether it replaces something damaged."""
        damaged = self._damaged.get(delivery.series)
        if damaged is None:
            return delivery
        path = zip_path(delivery.series, delivery.session.date).as_posix()
        return evolve(delivery, replaces_damaged=path in damaged)


def _within(delivery: Delivery, hours: Hours) -> Delivery:
    """Only the regular hours of a minute or second session, when those were asked for."""
    if hours is Hours.EXTENDED or not delivery.series.resolution.is_file_per_session:
        return delivery
    return evolve(delivery, bars=_regular(delivery.bars, delivery.session))


def _regular(bars: Any, session: Session) -> Any:
    return type(bars).concat([bars.between(start, end) for start, end in session.regular])
