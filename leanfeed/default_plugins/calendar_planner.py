"""The default planner: a session of the market's calendar that is not on disk is missing."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from attrs import define, evolve, frozen

from leanfeed.default_plugins.on_disk import look
from leanfeed.default_plugins.stored_series import Stored, check_files, stored_series, unlisted
from leanfeed.errors import ConfigurationError, InvalidRequestError
from leanfeed.events import FileDamaged, announce
from leanfeed.interfaces import setting
from leanfeed.lean.map_files import ticker_changes
from leanfeed.lean.market_hours import MarketHours, market_hours
from leanfeed.ledger import Entry, Ledger
from leanfeed.plans import Plan, SeriesPlan
from leanfeed.request import Incomplete, Request
from leanfeed.values import Hours, Series, Session, Symbol

__all__ = ["CalendarPlanner"]

_DAY = 86_400_000
#: "There was no trading" can be final when it was affirmed this long after the session.
_PROVISIONAL = 7 * _DAY


@frozen
class _Window:
    """The sessions of one market that were asked for."""

    start: dt.date
    end: dt.date
    settled: tuple[Session, ...]
    #: Going on, or over and not settled, and to be fetched all the same.
    begun: tuple[Session, ...]
    #: The rest: not to be fetched.
    unsettled: tuple[Session, ...]

    @property
    def sessions(self) -> tuple[Session, ...]:
        """All of them, oldest first."""
        return self.settled + self.begun + self.unsettled

    def of(self, stored: Stored) -> Self:
        """What a series holds of the window, by the map files."""
        return evolve(
            self,
            settled=stored.of(self.settled),
            begun=stored.of(self.begun),
            unsettled=stored.of(self.unsettled),
        )


@define
class CalendarPlanner:
    """Compares LEAN's market hours with the files of the data folder.

    A file that cannot be read is damaged, and what it should hold is missing.
    """

    settle_minutes: int = setting(
        default=15,
        converter=int,
        help="How long after the end of a session its bars count as final, in minutes.",
    )

    def plan(self, request: Request, data_folder: Path) -> Plan:
        """See :class:`~leanfeed.interfaces.GapPlanner`."""
        _check_readable(data_folder)
        changes = {symbol: ticker_changes(data_folder, symbol) for symbol in request.symbols}
        windows = self._windows(request, data_folder)
        planned: list[SeriesPlan] = []
        asked = set(request.series)
        with Ledger(data_folder) as ledger:
            for stored in stored_series(request, changes):
                window = windows[stored.asked_as[0]].of(stored)
                if window.sessions or stored.series in asked:
                    compared = self._compare(stored.series, window, request, data_folder, ledger)
                    planned.append(evolve(compared, asked_as=stored.asked_as))
        check_files(s.series.symbol for s in planned)
        end = request.end or max(window.end for window in windows.values())
        start = min(window.start for window in windows.values())
        return Plan(
            request=request,
            window=(request.start, end),
            extended_window=(start, end),
            series=tuple(planned),
            unlisted={
                symbol: sessions
                for symbol, window in windows.items()
                if (sessions := unlisted(window.sessions, changes[symbol]))
            },
        )

    def _windows(self, request: Request, data_folder: Path) -> dict[Symbol, _Window]:
        """The window of each symbol; those of a market share it."""
        of_market: dict[str, _Window] = {}
        windows = {}
        for symbol in request.symbols:
            hours = market_hours(symbol, data_folder)
            if hours.key not in of_market:
                of_market[hours.key] = self._window(request, hours)
            windows[symbol] = of_market[hours.key]
        return windows

    def _window(self, request: Request, hours: MarketHours) -> _Window:
        """Which sessions are asked for, and which of them are over and settled."""
        now = _milliseconds(request.asked_at)
        latest = request.end or request.asked_at.date() + dt.timedelta(days=1)
        asked = hours.sessions(request.start, latest)
        settled = tuple(s for s in asked if self._final_at(s) <= now)
        rest = asked[len(settled) :]
        begun: tuple[Session, ...] = ()
        if request.incomplete is Incomplete.FETCH:
            begun = tuple(s for s in rest if s.extended[0] <= now)
        warmup = hours.sessions_before(request.start, request.warmup) if request.warmup else ()
        last = (settled + begun)[-1:]
        return _Window(
            start=warmup[0].date if warmup else request.start,
            end=request.end or (last[0].date if last else request.start),
            settled=warmup + settled,
            begun=begun,
            unsettled=rest[len(begun) :] if request.end else (),
        )

    def _final_at(self, session: Session) -> int:
        """The instant from which the provider's bars of a session count as final."""
        return session.extended[1] + self.settle_minutes * 60_000

    def _compare(
        self, series: Series, window: _Window, request: Request, data_folder: Path, ledger: Ledger
    ) -> SeriesPlan:
        """Sort the sessions of one series by what is on disk and what is known."""
        entries = ledger.entries(series)
        _check_spelling(series, entries)
        now = _milliseconds(request.asked_at)
        on_disk = look(series, window.settled, data_folder, entries)
        has_traded = bool(on_disk.sessions) or any(entry.rows for entry in entries.values())
        present: list[Session] = []
        no_trades: list[Session] = []
        missing: list[Session] = []
        for session in window.settled:
            found, entry = on_disk.sessions.get(session), entries.get(session.date)
            known = found or entry
            if known is None or request.hours not in (known.hours, Hours.REGULAR):
                missing.append(session)
            elif found is not None:
                (present if self._is_final(session, found.at) else missing).append(session)
            elif entry is not None and self._is_empty(entry, session, now, has_traded=has_traded):
                no_trades.append(session)
            else:
                missing.append(session)
        for path, reason in on_disk.damaged.items():
            announce(FileDamaged(series, path, reason))
        return SeriesPlan(
            series=series,
            present=tuple(present),
            no_trades=tuple(no_trades),
            missing=(*missing, *window.begun),
            begun=window.begun,
            unsettled=window.unsettled,
            damaged=tuple(on_disk.damaged),
        )

    def _is_final(self, session: Session, stored_at: int) -> bool:
        """It was not stored while the session was going on.

        What was stored *before* the session bears an old date on purpose, as archives make it.
        """
        return not session.day[0] <= stored_at < self._final_at(session)

    def _is_empty(self, entry: Entry, session: Session, now: int, *, has_traded: bool) -> bool:
        """A provider affirmed that there was no trading, and that is still believed.

        For good when the symbol is known to trade and the answer came late enough; else for a day,
        because providers fill in late data, and answer alike for a ticker that they do not know.
        """
        if entry.rows or entry.affirmed_at < self._final_at(session):
            return False
        is_settled = entry.affirmed_at >= session.extended[1] + _PROVISIONAL
        return (is_settled and has_traded) or now - entry.affirmed_at < _DAY


def _check_readable(data_folder: Path) -> None:
    try:
        for folder in (data_folder, *data_folder.absolute().parents):
            if folder.exists() and not folder.is_dir():
                raise ConfigurationError(f"The data folder {folder} is a file: name a folder.")
        is_readable = not data_folder.exists() or os.access(data_folder, os.R_OK | os.X_OK)
    except (OSError, ValueError) as error:  # a name that no file system takes
        raise ConfigurationError(f"The data folder cannot be used: {error}.") from None
    if not is_readable:
        raise ConfigurationError(
            f"The data folder {data_folder} cannot be read: check its permissions."
        )


def _check_spelling(series: Series, entries: Mapping[dt.date, Entry]) -> None:
    """Refuse a symbol whose files hold another one, such as AMPB's where AMpB is asked for."""
    for entry in entries.values():
        if entry.ticker != series.symbol.ticker:
            raise InvalidRequestError(
                f"The data folder holds {entry.ticker} in the files where LEAN looks for "
                f"{series.symbol}: ask for {series.symbol} in a separate data folder."
            )


def _milliseconds(instant: dt.datetime) -> int:
    return int(instant.timestamp() * 1000)
