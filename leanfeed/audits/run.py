"""One audit: symbol by symbol and file by file, so that memory stays small."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from attrs import Factory, define, evolve, field

from leanfeed.audits.factor_files import price_moves
from leanfeed.audits.folder import Folder
from leanfeed.audits.history import History, joined, summed_up
from leanfeed.audits.neighbours import check_jumps, check_thin, compare
from leanfeed.audits.sample import Sample
from leanfeed.audits.scope import Scope
from leanfeed.errors import ConfigurationError, DamagedFileError
from leanfeed.lean.market_hours import market_hours
from leanfeed.lean.paths import parse_exact_path, series_folder, zip_path
from leanfeed.ledger import Entry, Ledger
from leanfeed.soundness.calendar import Calendar
from leanfeed.soundness.contents import Fault, read_names
from leanfeed.soundness.examination import damage, examine
from leanfeed.soundness.file_checks import BarFile, check_names
from leanfeed.soundness.findings import AuditFinding
from leanfeed.soundness.kinds import Kind, Severity
from leanfeed.values import Resolution, SecurityType, Series, TickType
from leanfeed.wording import counted, ranges

__all__ = ["AuditRun"]

#: Whose bar files leanfeed can name; of any other it verifies the zip.
_NAMED = (
    SecurityType.EQUITY,
    SecurityType.INDEX,
    SecurityType.FOREX,
    SecurityType.CFD,
    SecurityType.CRYPTO,
    SecurityType.CRYPTO_FUTURE,
)


@define
class _Seen:
    """What has been seen of one series while its files pass by."""

    series: Series
    calendar: Calendar | None
    entries: Mapping[dt.date, Entry]
    on_disk: set[dt.date] = Factory(set)
    damaged: set[dt.date] = Factory(set)
    parts: list[History] = Factory(list)

    @property
    def history(self) -> History:
        """Its sessions, summed up."""
        return joined(self.parts)

    @property
    def written(self) -> tuple[dt.date, ...]:
        """The days that leanfeed wrote bars of."""
        return tuple(sorted(date for date, entry in self.entries.items() if entry.rows))

    @property
    def traded(self) -> set[dt.date]:
        """The days that have trades in regular hours."""
        history = self.history
        volumes = zip(history.sessions, history.volume.tolist(), strict=True)
        return {session.date for session, volume in volumes if volume > 0}

    def is_empty(self, date: dt.date) -> bool:
        """Whether a provider affirmed that there was no trading."""
        return date in self.entries and not self.entries[date].rows


@define
class AuditRun:
    """The folder, what is asked of it, and what has been counted so far."""

    _data_folder: Path
    _scope: Scope
    _ledger: Ledger
    #: Gets the sound sessions of trades.
    _sample: Sample | None = None
    _calendars: dict[str, Calendar] = field(factory=dict, init=False)
    files: int = field(default=0, init=False)
    sessions: int = field(default=0, init=False)
    bars: int = field(default=0, init=False)
    bytes_read: int = field(default=0, init=False)
    #: Sessions that should be there, and those that are there and sound, or had no trades.
    expected: int = field(default=0, init=False)
    covered: int = field(default=0, init=False)

    def findings(self) -> Iterator[AuditFinding]:
        """Look at everything once."""
        folder = Folder(self._data_folder, self._scope)
        absent = set(self._scope.expected)
        for places in folder.symbols():
            seen: dict[Series, _Seen] = {}
            for place in places:
                for path in folder.zips(place):
                    yield from self._file(path, seen)
            for one in seen.values():
                yield from self._narrowed(self._series(one))
                self._offer(one)
            yield from self._narrowed(_compared(seen))
            yield from self._narrowed(self._contradicted(seen))
            absent -= seen.keys()
        for series in absent:
            yield from self._series(self._first_seen(series))
        for finding in folder.findings:
            if self._scope.is_whole or finding.severity is not Severity.INFORMATION:
                yield finding

    def _narrowed(self, findings: Iterable[AuditFinding]) -> Iterator[AuditFinding]:
        """Only what lies in the window."""
        return filter(None, map(self._scope.narrowed, findings))

    def _file(self, path: PurePosixPath, seen: dict[Series, _Seen]) -> Iterator[AuditFinding]:
        """One zip, whatever it holds."""
        try:
            series, day = parse_exact_path(path)
        except DamagedFileError:
            yield from self._strange(path)
            return
        if day is None or self._scope.has_date(day):
            if series not in seen:
                seen[series] = self._first_seen(series)
            yield from self._narrowed(self._bars(BarFile(str(path), series, day), seen[series]))

    def _first_seen(self, series: Series) -> _Seen:
        try:
            hours = market_hours(series.symbol, self._data_folder)
        except ConfigurationError:
            return _Seen(series, None, self._ledger.entries(series))
        calendar = self._calendars.setdefault(hours.key, Calendar(hours))
        return _Seen(series, calendar, self._ledger.entries(series))

    def _strange(self, path: PurePosixPath) -> Iterator[AuditFinding]:
        """A zip that holds no bars that leanfeed can name."""
        if path.parts[0] in _NAMED and path.parts[2] in set(Resolution):
            text = "LEAN looks for names such as 20240102_trade.zip or spy.zip there"
            yield AuditFinding(Kind.MISNAMED, str(path), text)
            return
        content = read_names(self._data_folder / path)
        self.files += 1
        if isinstance(content, Fault):
            yield AuditFinding(content.kind, str(path), content.text)
            return
        self.bytes_read += content.stamp.size
        yield from check_names(str(path), content.names)

    def _bars(self, file: BarFile, seen: _Seen) -> list[AuditFinding]:
        """A zip of bars: what is the matter with it; what it holds is added to `seen`."""
        self.files += 1
        self.bytes_read += examine(file, self._data_folder, seen.calendar, seen.entries)
        damaged = damage(file)
        seen.damaged.update(date for finding in damaged for date in finding.dates)
        seen.on_disk.update(file.dates, seen.damaged)
        if file.rows is not None:
            self.sessions += len(file.rows.dates)
            self.bars += len(file.rows)
            is_sorted = all(finding.kind is not Kind.UNSORTED for finding in damaged)
            is_compared = file.series.tick_type is TickType.TRADE and not file.series.is_chain
            if seen.calendar and is_sorted and is_compared:
                seen.parts.append(summed_up(file.rows, file.series.resolution, seen.calendar))
        return file.findings

    def _series(self, seen: _Seen) -> Iterator[AuditFinding]:
        """What only the whole series shows: gaps, thin sessions, jumps."""
        series = seen.series
        history = seen.history
        if series.resolution is not Resolution.DAILY:
            yield from check_thin(history, series)
        yield from check_jumps(history, series, price_moves(self._data_folder, series.symbol))
        window = self._window(seen)
        if window is None or seen.calendar is None:
            return
        wanted = seen.calendar.between(*window)
        gap = [s for s in wanted if s.date not in seen.on_disk and not seen.is_empty(s.date)]
        damaged = [s for s in wanted if s.date in seen.damaged]
        self.expected += len(wanted)
        self.covered += len(wanted) - len(gap) - len(damaged)
        if gap:
            is_split = series.resolution.is_file_per_session
            path = series_folder(series) if is_split else zip_path(series, gap[0].date)
            text = f"{counted(len(gap), 'session')} not on disk: {ranges(gap)}"
            dates = tuple(session.date for session in gap)
            yield AuditFinding(Kind.GAP, str(path), text, series, dates)

    def _contradicted(self, seen: Mapping[Series, _Seen]) -> Iterator[AuditFinding]:
        """Sessions that are remembered as empty, against the bars of other series of the symbol."""
        traded = {series: one.traded for series, one in seen.items() if one.parts}
        wanted = {evolve(s, resolution=r) for s in traded for r in Resolution}
        for series in sorted(wanted):
            if not self._scope.has_resolution(series.resolution):
                continue
            own = seen.get(series) or self._first_seen(series)
            found: dict[dt.date, Resolution] = {}
            for other, dates in traded.items():
                if other.symbol == series.symbol:
                    said = {d for d in dates if own.is_empty(d)} - own.on_disk
                    found |= dict.fromkeys(said, other.resolution)
            if found:
                first, more = min(found), len(found) - 1
                text = f"{first} has no {series.resolution} bars, yet {found[first]} bars"
                text += f"; so with {counted(more, 'more session')}" if more else ""
                path = str(zip_path(series, first))
                yield AuditFinding(Kind.CONTRADICTED, path, text, series, tuple(sorted(found)))

    def _offer(self, seen: _Seen) -> None:
        """Let the sound sessions be compared with what another source says."""
        if self._sample is None or seen.calendar is None or seen.series.is_chain:
            return
        if seen.series.tick_type is TickType.TRADE:
            found = map(seen.calendar.session, seen.on_disk - seen.damaged)
            inside = (s for s in found if s is not None and self._scope.has_date(s.date))
            self._sample.offer(seen.series, inside)

    def _window(self, seen: _Seen) -> tuple[dt.date, dt.date] | None:
        """First and last day of which the series should have something."""
        known = {*seen.on_disk, *seen.written}
        first = self._scope.start or min(known, default=None)
        if first is None:
            return None
        return first, min(self._scope.end or max(known, default=dt.date.max), self._scope.latest)


def _compared(seen: Mapping[Series, _Seen]) -> Iterator[AuditFinding]:
    """Fine series of a symbol against its coarse ones."""
    for fine, one in seen.items():
        if not fine.resolution.is_file_per_session or not one.parts:
            continue
        for coarse, other in seen.items():
            if not coarse.resolution.is_file_per_session and other.parts:
                yield from compare(one.history, other.history, fine, coarse.resolution)
