"""What has to be fetched again to mend what an audit condemned."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from pathlib import Path

from attrs import evolve, frozen

from leanfeed.audits.scope import Scope
from leanfeed.errors import ConfigurationError, InvalidRequestError
from leanfeed.lean.market_hours import market_hours
from leanfeed.ledger import Ledger
from leanfeed.soundness.findings import AuditFinding
from leanfeed.values import Resolution, Series, Session, Symbol, TickType

__all__ = ["Errand", "Errands", "make_errands"]


@frozen
class Errand:
    """Neighbouring sessions that some symbols need again: one call of :func:`leanfeed.ensure`."""

    symbols: tuple[Symbol, ...]
    resolution: Resolution
    #: Oldest first; they follow one another.
    sessions: tuple[Session, ...]

    @property
    def start(self) -> dt.date:
        """The first day."""
        return self.sessions[0].date

    @property
    def end(self) -> dt.date:
        """The last day, inclusive."""
        return self.sessions[-1].date


@frozen
class Errands:
    """Everything that has to be done, and what cannot be."""

    errands: tuple[Errand, ...]
    #: What nobody can be asked for: quotes, files whose days are not known, days without a session.
    hopeless: tuple[AuditFinding, ...]


def make_errands(findings: Iterable[AuditFinding], data_folder: Path, scope: Scope) -> Errands:
    """Sort out what to ask for.

    Args:
        findings: what was condemned.
        data_folder: decides about sessions and, by its ledger, about the spelling of tickers.
        scope: of a shared file whose days are not known, those of its window are fetched.
    """
    wanted: dict[Series, set[Session]] = {}
    hopeless: list[AuditFinding] = []
    for finding in findings:
        sessions = _sessions(finding, data_folder, scope)
        if finding.series is None or not sessions:
            hopeless.append(finding)
        else:
            wanted.setdefault(finding.series, set()).update(sessions)
    symbols: dict[tuple[Resolution, tuple[Session, ...]], list[Symbol]] = {}
    with Ledger(data_folder) as ledger:
        for series, of_series in wanted.items():
            symbol = _as_spelt(series, ledger)
            for run in _runs(of_series):
                symbols.setdefault((series.resolution, run), []).append(symbol)
    errands = (
        Errand(tuple(names), resolution, run) for (resolution, run), names in symbols.items()
    )
    return Errands(tuple(errands), tuple(hopeless))


def _sessions(finding: AuditFinding, data_folder: Path, scope: Scope) -> list[Session]:
    """The sessions to fetch again for one finding; none when that is no remedy."""
    series = finding.series
    if series is None or series.tick_type is TickType.QUOTE or not finding.kind.is_fetchable:
        return []
    if finding.dates:
        start, end = finding.dates[0], finding.dates[-1]
    elif scope.start is not None and not series.resolution.is_file_per_session:
        start, end = scope.start, min(scope.end or scope.latest, scope.latest)
    else:
        return []
    try:
        sessions = market_hours(series.symbol, data_folder).sessions(start, end)
    except (ConfigurationError, InvalidRequestError):  # nobody knows the market's days
        return []
    dates = set(finding.dates)
    return [session for session in sessions if not dates or session.date in dates]


def _as_spelt(series: Series, ledger: Ledger) -> Symbol:
    """The symbol as it was asked for: files are lower case, providers tell ``AAMpA`` by case."""
    entries = ledger.entries(series)
    tickers = [entry.ticker for entry in entries.values()]
    return evolve(series.symbol, ticker=tickers[0]) if tickers else series.symbol


def _runs(sessions: Iterable[Session]) -> Iterator[tuple[Session, ...]]:
    """Sessions that follow one another, together."""
    run: list[Session] = []
    for session in sorted(sessions, key=lambda session: session.date):
        if run and session.number != run[-1].number + 1:
            yield tuple(run)
            run = []
        run.append(session)
    if run:
        yield tuple(run)
