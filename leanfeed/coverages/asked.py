"""Which series are to be looked at, and from which day to which."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from attrs import define, evolve, field, frozen

from leanfeed.audits.folder import Folder, is_zip
from leanfeed.audits.scope import Scope
from leanfeed.errors import ConfigurationError, DamagedFileError, InvalidRequestError
from leanfeed.lean.map_files import ticker_changes
from leanfeed.lean.market_hours import MarketHours, market_hours
from leanfeed.lean.paths import parse_exact_path, series_folder, zip_path
from leanfeed.lean.reader import session_dates, stored_files
from leanfeed.ledger import Ledger
from leanfeed.request import Request
from leanfeed.values import Hours, Resolution, SecurityType, Series, Symbol, TickType

__all__ = ["Asked", "Group", "Span"]

#: First and last day.
Span = tuple[dt.date, dt.date]

#: Whose files leanfeed can name, and which of their bars it looks at.
_TYPES = {
    SecurityType.EQUITY: TickType.TRADE,
    SecurityType.OPTION: TickType.TRADE,
    SecurityType.INDEX_OPTION: TickType.TRADE,
    SecurityType.INDEX: TickType.TRADE,
    SecurityType.FOREX: TickType.QUOTE,
    SecurityType.CFD: TickType.QUOTE,
    SecurityType.CRYPTO: TickType.TRADE,
    SecurityType.CRYPTO_FUTURE: TickType.TRADE,
}


@frozen
class Group:
    """Series that one request can ask for, because they share resolution, tick type and market."""

    resolution: Resolution
    tick_type: TickType
    hours: MarketHours
    symbols: tuple[Symbol, ...]

    def series(self, symbol: Symbol) -> Series:
        """That of one of the symbols."""
        return Series(symbol, self.resolution, self.tick_type)


@define
class Asked:
    """The series of a scope, by what lies in the data folder and by what was asked for by name."""

    _data_folder: Path
    _scope: Scope
    _ledger: Ledger
    #: Series whose trading days nobody knows.
    uncharted: list[Series] = field(factory=list, init=False)
    #: Series that somebody wants, whether they are on disk or not.
    named: dict[Series, None] = field(factory=dict, init=False)
    #: Series that are not on disk, and nobody said from which day on they should be.
    absent: list[Series] = field(factory=list, init=False)
    _spans: dict[Series, Span | None] = field(factory=dict, init=False)

    def requests(self, session: Hours, asked_at: dt.datetime) -> Iterator[Request]:
        """One request for each group of series; none where nothing can be asked."""
        for group in self._groups():
            window = self._window(group, asked_at)
            if window is None:
                self.absent += [group.series(symbol) for symbol in group.symbols]
                continue
            yield Request(
                symbols=group.symbols,
                resolutions=(group.resolution,),
                tick_type=group.tick_type,
                start=window[0],
                end=window[1],
                hours=session,
                asked_at=asked_at,
            )

    def limits(self, series: Series) -> Span | None:
        """The days of a series that count; None when it is not there and nobody said which."""
        start, end = self._scope.start, self._scope.end
        if start is not None:
            return start, end or dt.date.max
        span = self._span(series)
        return None if span is None else (span[0], end or span[1])

    def _window(self, group: Group, asked_at: dt.datetime) -> tuple[dt.date, dt.date | None] | None:
        """What to ask for, so that it holds the days of every series of a group."""
        start, end = self._scope.start, self._scope.end
        if start is not None:
            return start, end
        stored = [
            group.series(mapped.symbol)
            for symbol in group.symbols
            for mapped in ticker_changes(self._data_folder, symbol)
        ]
        spans = [span for span in map(self._span, stored) if span is not None]
        if not spans:
            return None
        first, last = min(s[0] for s in spans), end or max(s[1] for s in spans)
        if group.hours.horizon is not None:
            first = max(first, group.hours.horizon[0])
            last = min(last, group.hours.horizon[1])
        last = min(last, asked_at.date())
        return (first, last) if first <= last else None

    def _groups(self) -> list[Group]:
        symbols: dict[tuple[Resolution, TickType, str], list[Symbol]] = {}
        hours_of: dict[str, MarketHours] = {}
        for series in self._series():
            try:
                hours = market_hours(series.symbol, self._data_folder)
            except ConfigurationError:
                if self._scope.symbols:
                    raise
                self.uncharted.append(series)
                continue
            hours_of[hours.key] = hours
            key = (series.resolution, series.tick_type, hours.key)
            symbols.setdefault(key, []).append(series.symbol)
        return [
            Group(resolution, tick_type, hours_of[key], tuple(found))
            for (resolution, tick_type, key), found in symbols.items()
        ]

    def _series(self) -> list[Series]:
        """The series asked for by name and those with files, in the order of their resolutions."""
        self.named = {
            Series(symbol, resolution): None
            for symbol in self._scope.symbols or ()
            for resolution in self._scope.resolutions or ()
        }
        spelling = {symbol.file_ticker: symbol for symbol in self._scope.symbols or ()}
        found = [self._spelt(series, spelling) for series in self._on_disk()]
        if not self._scope.symbols:
            there = set(found)
            self.named = {series: None for series in self._in_vain() if series not in there}
            earlier = self._earlier(found)
            found = [series for series in found if series not in earlier]
        order = list(Resolution)
        return sorted(
            {**self.named, **dict.fromkeys(found)}, key=lambda s: order.index(s.resolution)
        )

    def _in_vain(self) -> Iterator[Series]:
        """What the ledger knows to have been asked for and given by nobody."""
        for series in self._ledger.asked_in_vain():
            is_shown = series.tick_type is _TYPES.get(series.symbol.security_type)
            if is_shown and series.resolution in (self._scope.resolutions or Resolution):
                yield series

    def _spelt(self, series: Series, spelling: Mapping[str, Symbol]) -> Series:
        """A series as it was asked for, now or when it was stored: files are lower case."""
        symbol = spelling.get(series.symbol.file_ticker)
        if symbol is None:
            ticker = self._remembered(series)[0] or series.symbol.ticker
            symbol = evolve(series.symbol, ticker=ticker)
        return evolve(series, symbol=symbol)

    def _earlier(self, found: Iterable[Series]) -> set[Series]:
        """Those whose ticker only others had, by the map files: they come with the others."""
        changes = {s.symbol: ticker_changes(self._data_folder, s.symbol) for s in found}
        return {
            evolve(series, symbol=mapped.symbol)
            for series in found
            for mapped in changes[series.symbol]
            if mapped.symbol != series.symbol
            and all(m.first == dt.date.min for m in changes.get(mapped.symbol, ()))
        }

    def _on_disk(self) -> Iterator[Series]:
        for places in Folder(self._data_folder, self._scope).symbols():
            for place in places:
                if place.parts[0] in _TYPES:
                    yield from self._series_at(place)

    def _series_at(self, place: PurePosixPath) -> Iterator[Series]:
        """The series whose zip or zips are at a place."""
        names = [place]
        if not is_zip(place):
            end = _end(SecurityType(place.parts[0]))
            ends = self._day_files(place, end)
            names = [place / f"{ends[0]:%Y%m%d}{end}"] if ends else []
        for name in names:
            try:
                series, _ = parse_exact_path(name)
                if series.tick_type is _TYPES[series.symbol.security_type]:
                    yield series
            except (DamagedFileError, InvalidRequestError):
                continue

    def _day_files(self, folder: PurePosixPath, end: str) -> tuple[dt.date, ...]:
        """The first and the last day that has a zip in a folder, whose name ends so."""
        try:
            with os.scandir(self._data_folder / folder) as listing:
                days = [entry.name[:8] for entry in listing if entry.name[8:] == end]
        except OSError:
            return ()
        return _ends(days)

    def _span(self, series: Series) -> Span | None:
        """The first and the last day of which the series has, or had, something on disk."""
        if series not in self._spans:
            days = self._days(series)
            self._spans[series] = (min(days), max(days)) if days else None
        return self._spans[series]

    def _days(self, series: Series) -> tuple[dt.date, ...]:
        """Days of the series, the first and the last among them."""
        days = self._remembered(series)[1]
        if series.resolution.is_file_per_session:
            end = _end(series.symbol.security_type, series.tick_type)
            return (*days, *self._day_files(series_folder(series), end))
        files = list(stored_files(self._data_folder, series))
        for path in dict.fromkeys(files[:1] + files[-1:]):  # none is older or younger
            with contextlib.suppress(OSError, DamagedFileError):
                days = (*days, *session_dates(path, series))
        return days

    def _remembered(self, series: Series) -> tuple[str, tuple[dt.date, ...]]:
        """How the ledger spells the ticker, and the first and the last day that it had bars of."""
        columns = self._ledger.columns([series]).get(series)
        if columns is not None:
            known = zip(columns.days, columns.sizes, strict=True)
            return columns.ticker, _ends([str(day) for day, size in known if size])
        entries = self._ledger.entries(series)
        tickers = [entry.ticker for entry in entries.values()]
        return "".join(tickers[:1]), tuple(date for date, e in entries.items() if e.rows)


def _end(kind: SecurityType, tick_type: TickType | None = None) -> str:
    """What follows the day in the names of minute and second zips."""
    series = Series(Symbol("ANY", kind), Resolution.MINUTE, tick_type or _TYPES[kind])
    return zip_path(series, dt.date(2000, 1, 1)).name[8:]


def _ends(days: Iterable[str]) -> tuple[dt.date, ...]:
    """The first and the last of the texts that are dates; nothing where none is."""
    ordered = sorted(days)
    first = next(filter(None, map(_date, ordered)), None)
    last = next(filter(None, map(_date, reversed(ordered))), None)
    return (first, last) if first and last else ()


def _date(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text.isdecimal() else None
    except ValueError:
        return None
