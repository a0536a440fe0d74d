"""Collects what is confirmed and announced during a run, and makes the report of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from attrs import Factory, define

from leanfeed import events
from leanfeed.plans import Plan, SeriesPlan
from leanfeed.report import Failure, Fallback, Report, SeriesReport
from leanfeed.values import Gap, Series, Session, Written

__all__ = ["Outcome"]

_FOREIGN = "leanfeed did not write it; add --overwrite (overwrite=True) to replace it"


@define
class Outcome:
    """One run, as far as it has come."""

    plan: Plan
    #: Why a session is missing; what is not in here was not asked for.
    reasons: dict[tuple[Series, Session], str] = Factory(dict)
    failures: list[Failure] = Factory(list)
    #: Sessions without trades between full ones, of series that got some in this run.
    suspicious: dict[Series, tuple[Session, ...]] = Factory(dict)
    _warnings: list[str] = Factory(list)
    _fallbacks: list[Fallback] = Factory(list)
    _confirmed: defaultdict[Series, list[Written]] = Factory(lambda: defaultdict(list))
    _requests: int = 0
    _retries: int = 0
    _bytes_fetched: int = 0

    def hear(self, event: events.Event) -> None:
        """Count what sources announce and keep what the writer confirms."""
        match event:
            case events.SessionStored(written):
                self._confirmed[written.series].append(written)
            case events.RunFinished():
                pass  # its report was made of all this
            case events.RequestAnswered():
                self._requests += 1
                self._retries += event.is_retry
                self._bytes_fetched += event.bytes_fetched
            case events.SourceStarted(source, sessions, reason) if reason:
                self._fallbacks.append(Fallback(source, sessions, reason))
            case events.SourceWarned(source, text):
                self._warnings.append(f"{source}: {text}")

    def report(self, duration_seconds: float, *, otherwise: str) -> Report:
        """The report; sessions that are missing for no known reason are so `otherwise`."""
        series = tuple(self._series(planned, otherwise) for planned in self.plan.series)
        confirmed = [written for group in self._confirmed.values() for written in group]
        return Report(
            data_folder=self.plan.data_folder,
            window=self.plan.window,
            extended_window=self.plan.extended_window,
            series=series,
            unlisted=self.plan.unlisted,
            failures=tuple(self.failures),
            fallbacks=tuple(self._fallbacks),
            warnings=tuple(self._warnings),
            http_requests=self._requests,
            http_retries=self._retries,
            cache_hits=self._known(),
            bytes_fetched=self._bytes_fetched,
            bytes_written=sum(written.bytes_written for written in confirmed),
            duration_seconds=duration_seconds,
        )

    @property
    def has_stored(self) -> bool:
        """Whether the writer has confirmed anything."""
        return bool(self._confirmed)

    def note(self, source: str) -> str:
        """Why a source was asked: what became of the one before it."""
        return next((f.reason for f in self._fallbacks if f.source == source), "")

    def without_trades(self) -> dict[Series, tuple[Session, ...]]:
        """Sessions of which a source affirmed in this run that there was no trading."""
        empty = {
            series: tuple(written.session for written in group if not written.rows)
            for series, group in self._confirmed.items()
        }
        return {series: sessions for series, sessions in empty.items() if sessions}

    def still_wanted(self) -> tuple[Gap, ...]:
        """What the plan wants and the writer has not confirmed."""
        left = map(self._unconfirmed, self.plan.gaps)
        return tuple(gap for gap in left if gap.sessions)

    def _unconfirmed(self, gap: Gap) -> Gap:
        if gap.series not in self._confirmed:
            return gap
        confirmed = {written.session for written in self._confirmed[gap.series]}
        return Gap(gap.series, tuple(s for s in gap.sessions if s not in confirmed))

    def _known(self) -> int:
        """Sessions that nobody had to be asked for."""
        known = 0
        for planned in self.plan.series:
            if not (planned.present or planned.no_trades):
                continue
            confirmed = {written.session for written in self._confirmed.get(planned.series, ())}
            for sessions in (planned.present, planned.no_trades):
                known += len({*sessions} - confirmed) if confirmed else len(sessions)
        return known

    def _series(self, planned: SeriesPlan, otherwise: str) -> SeriesReport:
        series = planned.series
        group = self._confirmed.get(series, ())
        if group and _are_all(planned, group):
            return SeriesReport(
                series=series,
                asked_as=planned.asked_as,
                written=planned.missing,
                sources={written.session: written.source for written in group},
            )
        confirmed = {written.session: written for written in group}
        if not (confirmed or planned.wanted or planned.unsettled or planned.foreign):
            return SeriesReport(
                series=series,
                asked_as=planned.asked_as,
                present=planned.present,
                no_trades=planned.no_trades,
                suspicious=planned.suspicious,
                damaged=planned.damaged,
            )

        def reason(session: Session) -> str:
            return self.reasons.get((series, session), otherwise)

        missing = {s: reason(s) for s in planned.missing if s not in confirmed}
        missing |= dict.fromkeys(
            planned.unsettled, "the session is not over and settled yet; run again later"
        )
        not_refreshed = {s: reason(s) for s in planned.refresh if s not in confirmed}
        empty = {session for session, written in confirmed.items() if not written.rows}
        again = set(planned.refresh)
        new = {session for session in confirmed if session not in empty | again}
        same = {w.path for w in confirmed.values() if w.rows and not w.is_changed}
        kept_aside = {w.path: w.kept_aside for w in confirmed.values() if w.kept_aside}
        return SeriesReport(
            series=series,
            asked_as=planned.asked_as,
            present=_in_order({*planned.present, *not_refreshed} - confirmed.keys()),
            written=_in_order(new),
            provisional=tuple(s for s in planned.begun if s in confirmed),
            no_trades=_in_order({*planned.no_trades, *(empty - again)}),
            suspicious=_in_order(self.suspicious.get(series, planned.suspicious)),
            refreshed=tuple(s for s in planned.refresh if s in confirmed),
            changed={s: _change(w) for s, w in confirmed.items() if s in again and w.is_changed},
            not_refreshed=not_refreshed | dict.fromkeys(planned.foreign, _FOREIGN),
            missing=missing,
            sources={session: written.source for session, written in confirmed.items()},
            kept_aside=kept_aside,
            damaged=tuple(path for path in planned.damaged if path not in {*kept_aside, *same}),
        )


def _are_all(planned: SeriesPlan, group: Sequence[Written]) -> bool:
    """Nothing was there, and all of it was written: so it is with most series of a large run."""
    groups = (planned.present, planned.no_trades, planned.refresh, planned.begun, planned.unsettled)
    return (
        tuple([written.session for written in group]) == planned.missing
        and not any(groups)
        and not planned.damaged
        and all(written.rows and not written.kept_aside for written in group)
    )


def _change(written: Written) -> str:
    if written.rows == written.rows_before:
        return f"other values in {written.rows} bars"
    return f"{written.rows_before or 0} bars before, {written.rows} now"


def _in_order(sessions: Iterable[Session]) -> tuple[Session, ...]:
    return tuple(sorted(sessions, key=lambda session: session.date))
