"""Finds out why a session is on disk or not: by calendar, files and ledger."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

from attrs import define, evolve, field

from leanfeed import clock, config as configuration, configured, events
from leanfeed.coverages.anomalies import Anomaly, anomalies
from leanfeed.coverages.coverage import Cell
from leanfeed.coverages.facts import Facts
from leanfeed.coverages.sorting import reasons
from leanfeed.coverages.states import State
from leanfeed.coverages.why import Why
from leanfeed.coverages.words import explained
from leanfeed.dates import Date, parse_date
from leanfeed.errors import ConfigurationError, DamagedFileError, InvalidRequestError
from leanfeed.lean.map_files import ticker_changes
from leanfeed.lean.market_hours import MarketHours, market_hours
from leanfeed.lean.paths import parse_path, zip_path
from leanfeed.lean.reader import session_dates
from leanfeed.ledger import Entry, Ledger
from leanfeed.request import Request, Verify, make_request
from leanfeed.values import Series, Symbol

__all__ = ["why"]

#: Neighbours that show whether a session has too few bars.
_AROUND = dt.timedelta(days=45)


def why(
    what: str | os.PathLike[str] | Symbol,
    date: Date | None = None,
    *,
    resolution: str | None = None,
    security_type: str = "equity",
    session: str | None = None,
    data_folder: str | os.PathLike[str] | None = None,
    config: str | os.PathLike[str] | None = None,
) -> Why:
    """Say why a session is on disk, or why it is not; write nothing and ask no provider.

    The file is opened, and its rows are compared with the digest that leanfeed remembers.

    Args:
        what: a zip of a data folder, or where it would be; or a ticker.
        date: the trading day. The name of a minute or second zip says it already; of an hour or
            daily zip it is the last one that has bars unless given.
        resolution: with a ticker: ``daily``, ``hour``, ``minute`` or ``second``.
        security_type: with a ticker: what it is, as for :func:`leanfeed.ensure`.
        session: ``extended`` or ``regular``, as for :func:`leanfeed.ensure`.
        data_folder: where a ticker is looked for, found as :func:`leanfeed.ensure` finds it; a zip
            says it already.
        config: a toml file; else the nearest ``leanfeed.toml`` or ``[tool.leanfeed]`` upward.

    Raises:
        InvalidRequestError: it is no zip of bars, or a date or resolution is missing or wrong.
        ConfigurationError: the settings cannot work, or there is no such folder.
    """
    day = None if date is None else parse_date(date)
    if isinstance(what, Symbol) or not str(what).lower().endswith(".zip"):
        series = _asked_by_name(what, resolution, security_type)
        if day is None:
            raise InvalidRequestError(f"Which day of {series}? Say a date after it: 2024-01-03.")
    else:
        path = Path(what)
        series, named_day = _of_path(path)
        if named_day is not None and day not in (None, named_day):
            raise InvalidRequestError(f"{path} is of {named_day}, not {day}: leave the date out.")
        day = named_day or day or _last_day(path, series)
        data_folder = data_folder or _folder_of(path, series)
    arguments = {"data_folder": data_folder, "session": session}
    settings = configuration.load(config=config, arguments=arguments)
    if not settings.data_folder.is_dir():
        raise ConfigurationError(
            f"There is no data folder {settings.data_folder}: name one that exists, or fill it "
            "first."
        )
    return _Question(settings, series, day).answered()


def _asked_by_name(what: object, resolution: str | None, security_type: str) -> Series:
    if resolution is None:
        raise InvalidRequestError(
            f"Which bars of {str(what)[:40]!r}? Say the resolution (--resolution): daily, hour, "
            "minute or second. A file ends with .zip."
        )
    symbols = what if isinstance(what, Symbol) else str(what)
    found = make_request(
        symbols, resolution=resolution, start=dt.date.min, security_type=security_type
    ).series
    if len(found) != 1:
        raise InvalidRequestError("Name one ticker and one resolution: why looks at one session.")
    return found[0]


def _of_path(path: Path) -> tuple[Series, dt.date | None]:
    try:
        return parse_path(path.absolute())
    except DamagedFileError as error:
        raise InvalidRequestError(str(error)) from None


def _folder_of(path: Path, series: Series) -> Path:
    depth = 4 if series.resolution.is_file_per_session else 3
    parents = path.absolute().parents
    return parents[min(depth, len(parents) - 1)]


def _last_day(path: Path, series: Series) -> dt.date:
    """The last day in an hour or daily zip."""
    try:
        return max(session_dates(path, series))
    except (OSError, DamagedFileError, ValueError):
        raise InvalidRequestError(
            f"{path} cannot be read, and so does not say which day is meant: say a date after it, "
            "as 2024-01-03."
        ) from None


@define
class _Question:
    """One day of one series."""

    _settings: configuration.Settings
    _series: Series
    _date: dt.date
    _damage: list[str] = field(factory=list, init=False)

    @property
    def _data_folder(self) -> Path:
        return self._settings.data_folder

    def answered(self) -> Why:
        """The answer."""
        with Ledger(self._data_folder) as ledger, events.listening(self._hear):
            asked = _spelt(self._series, ledger)
            changes = ticker_changes(self._data_folder, asked.symbol)
            mapped = [m.symbol for m in changes if m.first <= self._date <= m.last]
            if not mapped:
                listed = f"By its map file {asked.symbol} was not listed on that day."
                return evolve(self._about(asked), reasons=(listed,))
            series = evolve(asked, symbol=mapped[0])
            hours = market_hours(series.symbol, self._data_folder)
            closed = _closed(hours, self._date)
            if closed:
                return evolve(self._about(series), reasons=(closed,))
            return self._answer(asked, series, hours, ledger)

    def _answer(self, asked: Series, series: Series, hours: MarketHours, ledger: Ledger) -> Why:
        remembered = ledger.entries(series)
        request = Request(
            symbols=(asked.symbol,),
            resolutions=(series.resolution,),
            tick_type=series.tick_type,
            start=self._date,
            end=self._date,
            hours=self._settings.session,
            verify=Verify.CHECKSUM,
            asked_at=clock.now(),
        )
        planned = configured.planner(self._settings).plan(request, self._data_folder)
        (one,) = (s for s in planned.series if s.series == series)
        entries = remembered | dict(one.verified)
        ((session, reason),) = reasons(one, entries, request.hours, self._data_folder).items()
        before, now = remembered.get(self._date), entries.get(self._date)
        is_there = reason.state in (State.PRESENT, State.PROVISIONAL)
        is_same = None
        if is_there and before is not None and before.digest and now is not None:
            is_same = before.digest == now.digest
        cell = Cell(
            session,
            reason,
            fact=Facts.of([self._date], entries)[0],
            anomaly=self._anomaly(series, hours, entries) if is_there else None,
        )
        return evolve(
            self._about(series),
            cell=cell,
            reasons=tuple(
                explained(
                    cell,
                    one,
                    remembered,
                    request.asked_at,
                    damage=self._damage,
                    data_folder=self._data_folder,
                    unanswered=ledger.unanswered(series, self._date),
                )
            ),
            is_verified=is_same,
            remembered=Facts.of([self._date], remembered)[0] if is_same is False else None,
        )

    def _anomaly(
        self, series: Series, hours: MarketHours, entries: dict[dt.date, Entry]
    ) -> Anomaly | None:
        """What is odd about its number of bars, beside those that the ledger remembers."""
        first, last = self._date - _AROUND, self._date + _AROUND
        if hours.horizon is not None:
            first, last = max(first, hours.horizon[0]), min(last, hours.horizon[1])
        rows = {
            session: entries[session.date].rows
            for session in hours.sessions(first, last)
            if session.date in entries and entries[session.date].rows
        }
        found = anomalies(series, list(rows), list(rows.values()), self._data_folder)
        return next((odd for session, odd in found.items() if session.date == self._date), None)

    def _about(self, series: Series) -> Why:
        """The file, and nothing about the session yet."""
        path = str(zip_path(series, self._date))
        about = Why(self._data_folder, series, self._date, path)
        try:
            stat = (self._data_folder / path).stat()
        except OSError:
            return about
        changed_at = dt.datetime.fromtimestamp(stat.st_mtime, dt.UTC)
        return evolve(about, size=stat.st_size, changed_at=changed_at)

    def _hear(self, event: events.Event) -> None:
        if isinstance(event, events.FileDamaged):
            self._damage.append(event.reason)


def _spelt(series: Series, ledger: Ledger) -> Series:
    """The series as it was spelt when it was stored: files are lower case."""
    for entry in ledger.entries(series).values():
        return evolve(series, symbol=evolve(series.symbol, ticker=entry.ticker))
    return series


def _closed(hours: MarketHours, date: dt.date) -> str:
    """Why the market has no session on a day; empty when it has one."""
    if hours.horizon and not hours.horizon[0] <= date <= hours.horizon[1]:
        first, last = hours.horizon
        return f"{hours.origin} knows the trading days from {first} to {last}, and not this one."
    if hours.sessions(date, date):
        return ""
    if hours.week[date.weekday()] is None:
        return f"The market is closed on {date:%A}s."
    return "It is a holiday of the market."
