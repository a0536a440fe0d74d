"""Which sessions that are on disk their source would give otherwise today."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from attrs import evolve

from leanfeed.interfaces import Given
from leanfeed.ledger import Ledger
from leanfeed.plans import Plan, SeriesPlan
from leanfeed.values import Series, Session

__all__ = ["given", "revised", "with_revisions"]


def given(planned: Plan) -> Iterator[Given]:
    """Every session of a plan that a source gave, and that is not to be fetched anyway."""
    with Ledger(planned.data_folder) as ledger:
        for one in planned.series:
            entries = ledger.entries(one.series)
            for session in (*one.present, *one.no_trades):
                entry = entries.get(session.date)
                if entry is not None and entry.source and entry.request_id:
                    yield Given(one.series, session, entry.request_id)


def with_revisions(planned: Plan, changed: Callable[[Iterable[Given]], Iterable[Given]]) -> Plan:
    """The plan, in which what has changed is to be fetched again.

    Args:
        planned: what was planned without asking anybody.
        changed: which of the sessions that were given have.
    """
    found: dict[Series, set[Session]] = {}
    for one in changed(given(planned)):
        found.setdefault(one.series, set()).add(one.session)
    if not found:
        return planned
    return evolve(
        planned,
        series=tuple(revised(one, found.get(one.series, set())) for one in planned.series),
    )


def revised(planned: SeriesPlan, out_of_date: set[Session]) -> SeriesPlan:
    """The plan of a series, in which some of what is there is to be fetched again."""
    if not out_of_date:
        return planned

    def without(sessions: tuple[Session, ...]) -> tuple[Session, ...]:
        return tuple(session for session in sessions if session not in out_of_date)

    def among(sessions: tuple[Session, ...]) -> tuple[Session, ...]:
        return tuple(session for session in sessions if session in out_of_date)

    return evolve(
        planned,
        present=without(planned.present),
        refresh=_in_order(planned.refresh + among(planned.present)),
        no_trades=without(planned.no_trades),
        missing=_in_order(planned.missing + among(planned.no_trades)),
        suspicious=without(planned.suspicious),
    )


def _in_order(sessions: Iterable[Session]) -> tuple[Session, ...]:
    return tuple(sorted(sessions, key=lambda session: session.date))
