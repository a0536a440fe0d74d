"""One series, session by session: what is on disk and what is known decide where each belongs."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from typing import Literal

from attrs import frozen

from leanfeed.default_plugins.on_disk import OnDisk
from leanfeed.default_plugins.stamps import Stamps
from leanfeed.default_plugins.windows import Window
from leanfeed.errors import InvalidRequestError
from leanfeed.events import FileDamaged, announce
from leanfeed.ledger import Entry, Ledger, suspicious
from leanfeed.plans import SeriesPlan
from leanfeed.request import Request
from leanfeed.values import Hours, Series, Session

__all__ = ["looked_at"]

_DAY = 86_400_000
#: "There was no trading" can be final when it was affirmed this long after the session.
_PROVISIONAL = 7 * _DAY

_Verdict = Literal["present", "no_trades", "missing", "refresh"]


def looked_at(
    series: Series, window: Window, request: Request, found: Stamps, ledger: Ledger
) -> SeriesPlan:
    """Find out what is present of a series whose files have these stamps, and what is missing.

    Raises:
        InvalidRequestError: its files hold another symbol.
        OSError: the system refuses to let leanfeed look.
    """
    known = ledger.entries(series)
    if found.are_absent and not known:
        missing = window.settled + window.begun
        return SeriesPlan(series, missing=missing, begun=window.begun, unsettled=window.unsettled)
    _check_spelling(series, known)
    on_disk = OnDisk(series, ledger.data_folder, known, request.verify)
    on_disk.look(window, found)
    for path, reason in on_disk.damaged.items():
        announce(FileDamaged(series, path, reason))
    return _Case(window, request, on_disk).decided()


@frozen
class _Case:
    """One series, and what was found of it."""

    window: Window
    request: Request
    on_disk: OnDisk

    def decided(self) -> SeriesPlan:
        """Each settled session in the group where it belongs."""
        on_disk, covers = self.on_disk, self.request.refresh.covers
        rows = {date: entry.rows for date, entry in on_disk.known.items()}
        rows |= {session.date: entry.rows for session, entry in on_disk.entries.items()}
        suspects = suspicious(on_disk.series.resolution, rows)
        has_traded = any(rows.values())
        groups: dict[_Verdict, list[Session]] = defaultdict(list)
        for session in self.window.settled:
            is_certain = has_traded and session.date not in suspects
            groups[self._verdict(session, is_certain=is_certain)].append(session)
        return SeriesPlan(
            series=on_disk.series,
            present=tuple(groups["present"]),
            no_trades=tuple(groups["no_trades"]),
            missing=(*groups["missing"], *self.window.begun),
            begun=self.window.begun,
            unsettled=self.window.unsettled,
            refresh=tuple(groups["refresh"]),
            foreign=tuple(s for s in groups["present"] if covers(s.date)),
            damaged=tuple(on_disk.damaged),
            suspicious=tuple(s for s in groups["no_trades"] if s.date in suspects),
            verified=on_disk.verified,
        )

    def _verdict(self, session: Session, *, is_certain: bool) -> _Verdict:
        found = self.on_disk.entries.get(session)
        known = found or self.on_disk.known.get(session.date)
        if known is None or self.request.hours not in (known.hours, Hours.REGULAR):
            return "missing"
        is_wanted = self.request.refresh.covers(session.date)
        if found is None:
            is_empty = self._is_empty(known, session, is_certain=is_certain)
            return "no_trades" if is_empty and not is_wanted else "missing"
        # What was stored before the session bears an old date on purpose, as archives make it.
        if session.day[0] <= found.affirmed_at < self.window.final_at(session):
            return "missing"
        return "refresh" if is_wanted and (found.source or self.request.overwrite) else "present"

    def _is_empty(self, entry: Entry, session: Session, *, is_certain: bool) -> bool:
        """A provider affirmed that there was no trading, and that is still believed.

        For good when the symbol is known to trade, its neighbours do not speak against it and the
        answer came late enough; else for a day, because providers fill in late data, and answer
        alike for a ticker that they do not know.
        """
        age = int(self.request.asked_at.timestamp() * 1000) - entry.affirmed_at
        if entry.rows or entry.affirmed_at < self.window.final_at(session):
            return False
        is_settled = entry.affirmed_at >= session.extended[1] + _PROVISIONAL
        # It may come from a machine whose clock was ahead.
        return age > -_DAY and (age < _DAY or (is_settled and is_certain))


def _check_spelling(series: Series, entries: Mapping[dt.date, Entry]) -> None:
    """Refuse a symbol whose files hold another one, such as AMPB's where AMpB is asked for."""
    for entry in entries.values():
        if entry.ticker != series.symbol.ticker:
            raise InvalidRequestError(
                f"The data folder holds {entry.ticker} in the files where LEAN looks for "
                f"{series.symbol}: ask for {series.symbol} in a separate data folder."
            )
