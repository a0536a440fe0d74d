"""The front door: which sessions the data folder holds, and what is known of each."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from attrs import define, field

from leanfeed import clock, config as configuration, configured, events
from leanfeed.audits.scope import Scope, make_scope
from leanfeed.coverages.anomalies import anomalies
from leanfeed.coverages.asked import Asked, Span
from leanfeed.coverages.coverage import Coverage, SeriesCoverage
from leanfeed.coverages.facts import Facts
from leanfeed.coverages.sorting import reasons
from leanfeed.coverages.states import State
from leanfeed.dates import Date
from leanfeed.errors import ConfigurationError
from leanfeed.ledger import Ledger
from leanfeed.plans import SeriesPlan
from leanfeed.request import Request, Symbols
from leanfeed.values import Session, Symbol

__all__ = ["coverage"]


def coverage(
    symbols: Symbols | None = None,
    *,
    resolution: str | Iterable[str] | None = None,
    start: Date | None = None,
    end: Date | None = None,
    security_type: str = "equity",
    session: str | None = None,
    data_folder: str | os.PathLike[str] | None = None,
    config: str | os.PathLike[str] | None = None,
) -> Coverage:
    """See what the data folder holds, session by session; write nothing and ask no provider.

    The planner looks at the files as :func:`leanfeed.plan` does: one that the ledger does not know
    is opened. Beside each session stands what the ledger remembers: who gave it, when, under which
    request id, and how many bars it has. Of sessions with too few bars the file is read, to say
    where they lack.

    Args:
        symbols: one ticker, or several in any iterable or separated by commas; all that have files
            unless given.
        resolution: ``daily``, ``hour``, ``minute`` or ``second``; one or several; all that have
            files unless given.
        start: first trading day, inclusive; each series' own first day unless given.
        end: last trading day, inclusive. Unless given it is the last session that is complete, or
            each series' own last day when `start` is not given either.
        security_type: what tickers in text are, as for :func:`leanfeed.ensure`.
        session: ``extended`` or ``regular``, as for :func:`leanfeed.ensure`.
        data_folder: LEAN's data folder, found as :func:`leanfeed.ensure` finds it.
        config: a toml file; else the nearest ``leanfeed.toml`` or ``[tool.leanfeed]`` upward.

    Raises:
        InvalidRequestError: the symbols, the resolution or the dates are wrong.
        ConfigurationError: the settings cannot work, or there is no such folder.
    """
    arguments = {"data_folder": data_folder, "session": session}
    settings = configuration.load(config=config, arguments=arguments)
    scope = make_scope(
        symbols, resolution=resolution, start=start, end=end, security_type=security_type
    )
    return _Look(settings, scope).coverage()


@define
class _Look:
    """One look at a data folder."""

    _settings: configuration.Settings
    _scope: Scope
    _damage: dict[str, str] = field(factory=dict, init=False)
    _unlisted: dict[Symbol, tuple[Session, ...]] = field(factory=dict, init=False)

    @property
    def _data_folder(self) -> Path:
        return self._settings.data_folder

    def coverage(self) -> Coverage:
        """What is there."""
        if not self._data_folder.is_dir():
            raise ConfigurationError(
                f"There is no data folder {self._data_folder}: name one that exists, or fill it "
                "first."
            )
        seen_at = clock.now()
        with Ledger(self._data_folder) as ledger, events.listening(self._hear):
            asked = Asked(self._data_folder, self._scope, ledger)
            series = [
                covered
                for request in asked.requests(self._settings.session, seen_at)
                for covered in self._looked_at(request, asked, ledger)
            ]
        return Coverage(
            data_folder=self._data_folder,
            seen_at=seen_at,
            series=tuple(series),
            uncharted=tuple(asked.uncharted),
            absent=tuple(asked.absent),
            unlisted=self._unlisted,
        )

    def _looked_at(
        self, request: Request, asked: Asked, ledger: Ledger
    ) -> Iterable[SeriesCoverage]:
        planned = configured.planner(self._settings).plan(request, self._data_folder)
        if self._scope.start is not None:
            self._unlisted |= planned.unlisted
        for one in planned.series:
            limits = asked.limits(one.series)
            if limits is not None:
                yield self._covered(one, limits, ledger, request)
            elif one.series in asked.named:
                asked.absent.append(one.series)

    def _covered(
        self, planned: SeriesPlan, limits: Span, ledger: Ledger, request: Request
    ) -> SeriesCoverage:
        entries = ledger.entries(planned.series) | dict(planned.verified)
        found = reasons(planned, entries, request.hours, self._data_folder)
        sessions = tuple(s for s in found if limits[0] <= s.date <= limits[1])
        facts = Facts.of((s.date for s in sessions), entries)
        there = [
            (s, rows)
            for s, rows in zip(sessions, facts.rows, strict=True)
            if found[s].state is State.PRESENT and rows > 0
        ]
        return SeriesCoverage(
            series=planned.series,
            sessions=sessions,
            reasons=tuple(found[s] for s in sessions),
            facts=facts,
            anomalies=anomalies(
                planned.series, [s for s, _ in there], [r for _, r in there], self._data_folder
            ),
            damaged={path: self._damage.get(path, "") for path in planned.damaged},
            asked_as=planned.asked_as,
        )

    def _hear(self, event: events.Event) -> None:
        if isinstance(event, events.FileDamaged):
            self._damage[event.path] = event.reason
