"""Reading bars back: the front of the reader for people who work with data frames."""

from __future__ import annotations

import datetime as dt
import difflib
import os
import zoneinfo
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from attrs import evolve, frozen

from leanfeed import clock, config as configuration
from leanfeed.bars import Bars, QuoteBars
from leanfeed.dates import Date
from leanfeed.errors import InvalidRequestError, NoDataError
from leanfeed.frames import Frame
from leanfeed.lean.local_time import DAY, local_times
from leanfeed.lean.map_files import ticker_changes
from leanfeed.lean.market_hours import MarketHours, market_hours, zone
from leanfeed.lean.reader import read_series
from leanfeed.ledger import Ledger
from leanfeed.options import ChainBars
from leanfeed.request import Request, make_request
from leanfeed.values import Hours, Series, Session, Symbol, TickType

__all__ = ["load"]

_EPOCH = dt.date(1970, 1, 1)


def load(
    symbol: str | Symbol,
    *,
    resolution: str,
    start: Date | None = None,
    end: Date | None = None,
    security_type: str = "equity",
    tick_type: str = "trade",
    session: str | None = None,
    time_zone: str = "UTC",
    data_folder: str | os.PathLike[str] | None = None,
    config: str | os.PathLike[str] | None = None,
) -> Frame:
    """Read the bars of one symbol from the data folder, across its files and ticker changes.

    Nobody is asked for anything: what is not on disk is told in :attr:`Frame.missing`.

    Args:
        symbol: a ticker, or a :class:`Symbol` of another market. Of options it is the underlying,
            and the bars of all contracts come one contract after the other.
        resolution: ``daily``, ``hour``, ``minute`` or ``second``.
        start: first trading day, inclusive; the first on disk unless given.
        end: last trading day, inclusive; the last on disk unless given.
        security_type: what a ticker is, as for :func:`ensure`.
        tick_type: ``trade`` or ``quote``.
        session: ``regular`` leaves out minute and second bars before and after regular hours.
        time_zone: in which data frames show the time: ``UTC``, ``America/New_York`` or any other
            of the IANA database.
        data_folder: LEAN's data folder, found as :func:`ensure` does.
        config: a toml file, as for :func:`ensure`.

    Raises:
        InvalidRequestError: an argument is wrong.
        NoDataError: the data folder has nothing of it.
        DamagedFileError: a file cannot be read as LEAN data.
    """
    request = make_request(
        symbol,
        resolution=resolution,
        start=start or dt.date.min,
        end=end,
        security_type=security_type,
    )
    asked = _asked(request, tick_type)
    hours = _hours(session)
    shown_in = _time_zone(time_zone)
    settings = configuration.load(config=config, arguments={"data_folder": data_folder})
    stored = _Stored(settings.data_folder, *asked)
    bars = stored.bars()
    if not len(bars) and not stored.known_empty:
        raise NoDataError(stored.complaint)
    missing = stored.missing(bars)
    if hours is Hours.REGULAR and stored.series.resolution.is_file_per_session:
        bars = stored.regular(bars)
    return Frame(stored.series, bars, shown_in, missing)


def _asked(request: Request, tick_type: str) -> tuple[Series, dt.date, dt.date]:
    if len(request.series) > 1:
        raise InvalidRequestError("One series is read at a time: load each, and join the frames.")
    (series,) = request.series
    try:
        series = evolve(series, tick_type=TickType(str(tick_type).lower()))
    except ValueError:
        words = " or ".join(repr(kind.value) for kind in TickType)
        raise InvalidRequestError(f"`tick_type` is {str(tick_type)[:40]!r}: use {words}.") from None
    return series, request.start, request.end or dt.date.max


def _hours(session: str | None) -> Hours:
    try:
        return Hours.EXTENDED if session is None else Hours(session)
    except ValueError:
        words = " or ".join(repr(hours.value) for hours in Hours)
        raise InvalidRequestError(f"`session` is {str(session)[:40]!r}: use {words}.") from None


def _time_zone(name: str) -> str:
    known = zoneinfo.available_timezones()
    if name in known:
        return name
    text = str(name)[:40].replace(" ", "_")
    last = {zone.rpartition("/")[2].lower(): zone for zone in sorted(known)} | {"utc": "UTC"}
    close = difflib.get_close_matches(text.rpartition("/")[2].lower(), last, n=1)
    advice = f"did you mean {last[close[0]]!r}?" if close else "use 'UTC' or 'America/New_York'."
    raise InvalidRequestError(f"There is no time zone {str(name)[:40]!r}: {advice}")


@frozen(slots=False)  # for the cached property
class _Stored:
    """What the data folder holds of a series, under the tickers that the symbol had."""

    data_folder: Path
    series: Series
    first: dt.date
    last: dt.date

    def bars(self) -> Bars | QuoteBars | ChainBars:
        """Every bar of the window."""
        parts = [
            read_series(
                self.data_folder,
                series,
                start=None if first == dt.date.min else first,
                end=None if last == dt.date.max else last,
            )
            for series, first, last in self._parts()
        ]
        make: Any = QuoteBars if self.series.tick_type is TickType.QUOTE else Bars
        if self.series.is_chain:
            make = ChainBars
        bars: Bars | QuoteBars | ChainBars = make.concat(parts)
        return bars

    def _parts(self) -> Iterator[tuple[Series, dt.date, dt.date]]:
        """The series that hold the window, oldest first, each with its part of it."""
        for mapped in ticker_changes(self.data_folder, self.series.symbol):
            first, last = max(self.first, mapped.first), min(self.last, mapped.last)
            if first <= last:
                yield evolve(self.series, symbol=mapped.symbol), first, last

    @cached_property
    def known_empty(self) -> frozenset[dt.date]:
        """Dates of the window that are known to have had no trades."""
        with Ledger(self.data_folder) as ledger:
            return frozenset(
                date
                for series, first, last in self._parts()
                for date, entry in ledger.entries(series).items()
                if not entry.rows and first <= date <= last
            )

    def missing(self, bars: Bars | QuoteBars | ChainBars) -> tuple[Session, ...]:
        """Sessions that are over, and neither have bars nor are known to have had no trades."""
        days = self._days(bars)
        found = {*days, *self.known_empty}
        first = max(self.first, min(found)) if self.first == dt.date.min else self.first
        last = min(self.last, max(found)) if self.last == dt.date.max else self.last
        now = int(clock.now().timestamp() * 1000)
        return tuple(
            session
            for session in self._sessions(first, last)
            if session.date not in found and session.extended[1] <= now
        )

    def regular(self, bars: Bars | QuoteBars | ChainBars) -> Bars | QuoteBars | ChainBars:
        """The bars of regular hours."""
        days = self._days(bars)
        if not days:
            return bars
        open_hours = [
            hours
            for session in self._market.sessions(days[0], days[-1])
            for hours in session.regular
        ]
        starts, ends = (np.array(edge, dtype=np.int64) for edge in zip(*open_hours, strict=True))
        position = np.searchsorted(starts, bars.time, side="right") - 1
        return bars.rows((position >= 0) & (bars.time < ends[position]))

    @property
    def complaint(self) -> str:
        """That there is nothing, and how to fetch it."""
        since = "" if self.first == dt.date.min else f" from {self.first}"
        until = "" if self.last == dt.date.max else f" to {self.last}"
        return (
            f"The data folder {self.data_folder} has no {self.series} bars{since}{until}: fetch "
            "them with leanfeed.ensure()."
        )

    @property
    def _market(self) -> MarketHours:
        return market_hours(self.series.symbol, self.data_folder)

    def _days(self, bars: Bars | QuoteBars | ChainBars) -> list[dt.date]:
        """The dates that have bars, ascending, in the data time zone."""
        local = local_times(bars.time, zone(self._market.data_time_zone))
        return [_EPOCH + dt.timedelta(days=day) for day in np.unique(local // DAY).tolist()]

    def _sessions(self, first: dt.date, last: dt.date) -> tuple[Session, ...]:
        """Those of the window on which the symbol was listed, as far as the calendar reaches."""
        hours = self._market
        if hours.horizon is not None:
            first, last = max(first, hours.horizon[0]), min(last, hours.horizon[1])
        sessions = hours.sessions(first, min(last, clock.now().date()))
        listed = [(since, until) for _, since, until in self._parts()]
        return tuple(s for s in sessions if any(a <= s.date <= b for a, b in listed))
