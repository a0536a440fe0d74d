"""Which days a market trades on, and when: LEAN's calendar turned into sessions."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterator, Mapping
from operator import add
from pathlib import Path

from attrs import field, frozen

from leanfeed.errors import InvalidRequestError
from leanfeed.lean.day_hours import DayHours
from leanfeed.lean.hours_database import PLACE, HoursDatabase, open_database
from leanfeed.lean.hours_entry import Entry
from leanfeed.lean.time_zones import DAY, instant, local_days, zone
from leanfeed.values import Interval, Session, Symbol

__all__ = ["MarketHours", "hours_in", "market_hours", "zone"]

_ONE_DAY = dt.timedelta(days=1)
#: Session numbers count from the first of January of this year; earlier ones are negative.
_ANCHOR = 2020
#: For a market without a horizon, such as crypto: any date that trading could have.
_ANY_DATE = (dt.date(1970, 1, 1), dt.date(2100, 12, 31))
#: A calendar with fewer holidays than this in an average year is not maintained.
_HOLIDAYS_A_YEAR = 5

#: A date with trading, its midnights, and its hours as instants.
_OpenDay = tuple[dt.date, Interval, DayHours]


def _check_zone(_instance: object, _attribute: object, name: str) -> None:
    zone(name)


@frozen(eq=False)
class MarketHours:
    """The sessions of one entry of LEAN's market hours database."""

    #: The entry, such as ``Equity-usa-[*]``.
    key: str
    #: The zone in which LEAN stamps this market's files; sessions are its dates.
    data_time_zone: str = field(validator=_check_zone)
    #: The zone of the trading hours below.
    exchange_time_zone: str = field(validator=_check_zone)
    #: Name of the file it was read from.
    origin: str
    #: First and last date whose holidays are known; None when the market keeps no holidays.
    horizon: tuple[dt.date, dt.date] | None
    #: Usual hours on the exchange's clocks, Monday first; None when closed.
    week: tuple[DayHours | None, ...]
    #: The days that differ; None on a holiday, else what an early close or a late open leaves.
    special_days: Mapping[dt.date, DayHours | None]
    #: A memo for the numbers of sessions.
    _sessions_by_year: dict[int, int] = field(factory=dict, init=False, repr=False)

    def sessions(self, start: dt.date, end: dt.date) -> tuple[Session, ...]:
        """The sessions of the dates from `start` to `end`, both inclusive, ascending.

        Raises:
            InvalidRequestError: the holidays of some of these dates are not known.
        """
        if end < start:
            return ()
        self._check(start, end)
        first = self._number(start)
        return tuple(
            Session(date, number, self.data_time_zone, day, hours.regular, hours.extended)
            for number, (date, day, hours) in enumerate(self._days(start, end), first)
        )

    def sessions_before(self, day: dt.date, count: int) -> tuple[Session, ...]:
        """The `count` sessions before the date, oldest first.

        Raises:
            InvalidRequestError: they reach back to dates whose holidays are not known.
        """
        found: tuple[Session, ...] = ()
        end = day - _ONE_DAY
        while len(found) < count:
            self._check(end, end)
            back = end.toordinal() - 2 * (count - len(found)) - 7
            start = dt.date.fromordinal(max(back, self._known[0].toordinal()))
            found = self.sessions(start, end) + found
            end = start - _ONE_DAY
        return found[len(found) - count :]

    @property
    def post_market(self) -> int:
        """The longest time from the close of a usual day to its last trades, in milliseconds.

        Trading after an early close takes no longer, though a session's extended hours do.
        """
        days = [day for day in self.week if day and day.regular]
        return max((day.extended[1] - day.regular[-1][1] for day in days), default=0)

    @property
    def _known(self) -> tuple[dt.date, dt.date]:
        return self.horizon or _ANY_DATE

    def _check(self, start: dt.date, end: dt.date) -> None:
        first, last = self._known
        if start < first or last < end:
            raise InvalidRequestError(
                f"{self.origin} knows the trading days of {self.key} from {first} to {last}, but "
                f"not {start if start < first else end}: choose dates inside, or put a newer "
                f"database of LEAN's at {PLACE} in the data folder."
            )

    def _hours_on(self, date: dt.date) -> DayHours | None:
        """The hours of a date on the exchange's clocks."""
        if date in self.special_days:
            return self.special_days[date]
        return self.week[date.weekday()]

    def _days(self, start: dt.date, end: dt.date) -> Iterator[_OpenDay]:
        """The dates with trading, in the data time zone."""
        if self.data_time_zone == self.exchange_time_zone:
            yield from self._exchange_days(start, end)
            return
        exchange_days = self._exchange_days(start - _ONE_DAY, end + _ONE_DAY)
        on_exchange = {date: hours for date, _, hours in exchange_days}
        for date, day in local_days(start, end, zone=zone(self.data_time_zone)):
            near = (on_exchange.get(d) for d in (date - _ONE_DAY, date, date + _ONE_DAY))
            hours = DayHours.within(day, [hours for hours in near if hours])
            if hours is not None:
                yield date, day, hours

    def _exchange_days(self, start: dt.date, end: dt.date) -> Iterator[_OpenDay]:
        """The dates with trading, in the exchange's time zone."""
        exchange_zone = zone(self.exchange_time_zone)
        for date, day in local_days(start, end, zone=exchange_zone):
            hours = self._hours_on(date)
            if hours is not None:
                if day[1] - day[0] == DAY:
                    yield date, day, hours.placed(functools.partial(add, day[0]))
                else:
                    at = functools.partial(instant, date, zone=exchange_zone)
                    yield date, day, hours.placed(at)

    def _number(self, date: dt.date) -> int:
        """How many sessions lie between the anchor and the date."""
        this_year = self._count(dt.date(date.year, 1, 1), date - _ONE_DAY)
        since = sum(self._in_year(year) for year in range(_ANCHOR, date.year))
        return this_year + since - sum(self._in_year(year) for year in range(date.year, _ANCHOR))

    def _in_year(self, year: int) -> int:
        if year not in self._sessions_by_year:
            count = self._count(dt.date(year, 1, 1), dt.date(year, 12, 31))
            self._sessions_by_year[year] = count
        return self._sessions_by_year[year]

    def _count(self, start: dt.date, end: dt.date) -> int:
        if self.data_time_zone == self.exchange_time_zone:
            ordinals = range(start.toordinal(), end.toordinal() + 1)
            return sum(self._hours_on(dt.date.fromordinal(n)) is not None for n in ordinals)
        return sum(1 for _ in self._days(start, end))


def market_hours(symbol: Symbol, data_folder: Path | None = None) -> MarketHours:
    """The hours of a symbol: from LEAN's database in the data folder, else those shipped.

    leanfeed ships the hours of US equities, and of options on them, only. Symbols that share an
    entry share the object.

    Raises:
        ConfigurationError: the database cannot be read, or nobody knows the hours of the symbol.
    """
    return hours_in(open_database(data_folder), symbol)


def hours_in(database: HoursDatabase, symbol: Symbol) -> MarketHours:
    """The hours of a symbol in one database, for callers that ask for many.

    Raises:
        ConfigurationError: it has none, or its entry is not what LEAN writes.
    """
    return _market_hours(database, database.find(symbol))


@functools.lru_cache(maxsize=64)
def _market_hours(database: HoursDatabase, key: str) -> MarketHours:
    entry = database.entry(key)
    special: dict[dt.date, DayHours | None] = {}
    for date in entry.early_closes.keys() | entry.late_opens.keys():
        usual = entry.week[date.weekday()]
        if usual is not None:
            early, late = entry.early_closes.get(date), entry.late_opens.get(date)
            special[date] = usual.cut(early, late)
    special |= dict.fromkeys(entry.holidays)
    return MarketHours(
        key=entry.key,
        data_time_zone=entry.data_time_zone,
        exchange_time_zone=entry.exchange_time_zone,
        origin=database.path.name,
        horizon=database.horizon or _horizon(entry),
        week=entry.week,
        special_days=special,
    )


def _horizon(entry: Entry) -> tuple[dt.date, dt.date] | None:
    if not entry.holidays:
        return None
    first, last = min(entry.holidays).year, max(entry.holidays).year
    if len(entry.holidays) < _HOLIDAYS_A_YEAR * (last - first + 1):
        return None
    return dt.date(first, 1, 1), dt.date(last, 12, 31)
