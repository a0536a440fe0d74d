"""Collects what is confirmed and announced during a run, and makes the report of it."""

from __future__ import annotations

from attrs import Factory, define

from leanfeed import events
from leanfeed.plans import Plan, SeriesPlan
from leanfeed.report import Failure, Report, SeriesReport
from leanfeed.values import Series, Session, Written

__all__ = ["Outcome"]


@define
class Outcome:
    """One run, as far as it has come."""

    plan: Plan
    #: Why a session is missing; what is not in here was not asked for.
    reasons: dict[tuple[Series, Session], str] = Factory(dict)
    failures: list[Failure] = Factory(list)
    _confirmed: dict[Series, list[Written]] = Factory(dict)
    _requests: int = 0
    _retries: int = 0
    _bytes_fetched: int = 0

    def hear(self, event: events.Event) -> None:
        """Count what sources announce and keep what the writer confirms."""
        match event:
            case events.RequestAnswered():
                self._requests += 1
                self._retries += event.is_retry
                self._bytes_fetched += event.bytes_fetched
            case events.SessionStored(written):
                self._confirmed.setdefault(written.series, []).append(written)

    def report(self, duration_seconds: float, *, otherwise: str) -> Report:
        """The report; sessions that are missing for no known reason are so `otherwise`."""
        confirmed = [written for group in self._confirmed.values() for written in group]
        return Report(
            data_folder=self.plan.data_folder,
            window=self.plan.window,
            extended_window=self.plan.extended_window,
            series=tuple(self._series(planned, otherwise) for planned in self.plan.series),
            unlisted=self.plan.unlisted,
            failures=tuple(self.failures),
            http_requests=self._requests,
            http_retries=self._retries,
            cache_hits=self.plan.known,
            bytes_fetched=self._bytes_fetched,
            bytes_written=sum(written.bytes_written for written in confirmed),
            duration_seconds=duration_seconds,
        )

    def _series(self, planned: SeriesPlan, otherwise: str) -> SeriesReport:
        series = planned.series
        confirmed = {w.session: w for w in self._confirmed.get(series, ())}
        missing = {
            session: self.reasons.get((series, session), otherwise)
            for session in planned.missing
            if session not in confirmed
        }
        missing |= dict.fromkeys(
            planned.unsettled, "the session is not over and settled yet; run again later"
        )
        empty = {session for session, written in confirmed.items() if not written.rows}
        kept_aside = {w.path: w.kept_aside for w in confirmed.values() if w.kept_aside}
        return SeriesReport(
            series=series,
            asked_as=planned.asked_as,
            present=planned.present,
            written=tuple(s for s in planned.missing if s in confirmed and s not in empty),
            provisional=tuple(s for s in planned.begun if s in confirmed),
            no_trades=_in_order(planned.no_trades, empty),
            missing=missing,
            sources={session: written.source for session, written in confirmed.items()},
            kept_aside=kept_aside,
            damaged=tuple(path for path in planned.damaged if path not in kept_aside),
        )


def _in_order(known: tuple[Session, ...], new: set[Session]) -> tuple[Session, ...]:
    return tuple(sorted((*known, *new), key=lambda session: session.date))
