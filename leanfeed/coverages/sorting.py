"""Why each session of a plan is present, missing, or something else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

from attrs import define

from leanfeed.coverages.states import Reason
from leanfeed.lean.paths import zip_path
from leanfeed.ledger import Entry
from leanfeed.plans import SeriesPlan
from leanfeed.stamps import Stamp
from leanfeed.values import Hours, Session

__all__ = ["reasons"]


def reasons(
    planned: SeriesPlan, entries: Mapping[dt.date, Entry], hours: Hours, data_folder: Path
) -> dict[Session, Reason]:
    """The reason for the state of each session, oldest first.

    Args:
        planned: what the planner found, when nothing was to be fetched again.
        entries: what is known of the series: what the ledger remembers, and what the planner found
            in files that it opened.
        hours: which hours were asked for.
        data_folder: where its files are.
    """
    found: dict[Session, Reason] = {}
    for session in planned.present:
        entry = entries.get(session.date)
        found[session] = Reason.STORED if entry is not None and entry.source else Reason.FOUND
    found |= dict.fromkeys(planned.no_trades, Reason.AFFIRMED)
    found |= dict.fromkeys(planned.unsettled, Reason.UNSETTLED)
    lacking = _Lacking(planned, entries, hours, data_folder)
    found |= {session: lacking.reason(session) for session in planned.missing}
    return {session: found[session] for session in sorted(found, key=lambda s: s.date)}


@define
class _Lacking:
    """The sessions of a series that the plan wants."""

    _planned: SeriesPlan
    _entries: Mapping[dt.date, Entry]
    _hours: Hours
    _data_folder: Path

    def reason(self, session: Session) -> Reason:
        """Why the plan wants it."""
        if session in self._planned.begun:
            return Reason.UNSETTLED
        if self._is_damaged(session):
            return Reason.UNREADABLE
        entry = self._entries.get(session.date)
        if entry is None:
            return Reason.NEVER_STORED
        if not entry.rows:
            return Reason.DOUBTED
        if not self._is_there(session, entry):
            return Reason.REMOVED
        if self._hours not in (entry.hours, Hours.REGULAR):
            return Reason.REGULAR_ONLY
        return Reason.EARLY if entry.affirmed_at >= session.day[0] else Reason.REJECTED

    def _is_damaged(self, session: Session) -> bool:
        """Whether its file cannot be read; an hour or daily file is that of every session."""
        damaged = self._planned.damaged
        return bool(damaged) and str(zip_path(self._planned.series, session.date)) in damaged

    def _is_there(self, session: Session, entry: Entry) -> bool:
        """Whether the file is the one in which the session was found."""
        if session.date in self._planned.verified:
            return True
        try:
            stat = (self._data_folder / zip_path(self._planned.series, session.date)).stat()
        except OSError:
            return False
        return entry.speaks_of(Stamp.of(stat))
