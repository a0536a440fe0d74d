"""One day of a market, from the rows of its file: the date, the rows and the bars made sure of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
from attrs import Factory, define, field, frozen

from leanfeed.bars import Bars
from leanfeed.errors import ContractError
from leanfeed.lean.local_time import midnight
from leanfeed.lean.market_hours import zone
from leanfeed.values import Interval
from leanfeed.wording import counted
from leanfeed_flatfiles.tables import Table

__all__ = ["MarketDay", "market_day"]

_NEW_YORK = "America/New_York"
_MINUTE = 60_000
_NANOSECONDS = 1_000_000
# No share costs or trades less or more, and LEAN's decimals hold all that lies between.
_LEAST, _MOST = 1e-9, 1e12

_Mask = npt.NDArray[np.bool_]


@frozen(eq=False)
class MarketDay:
    """The bars of all tickers that were read, one ticker after the other."""

    bars: Bars
    is_daily: bool
    #: Between which all minutes lie.
    hours: Interval
    #: In the spelling of the file: where the bars of each ticker begin and end.
    spans: dict[bytes, tuple[int, int]]
    #: Tickers whose bars cannot be used, and why.
    faults: dict[bytes, str]
    #: What was noticed of the file as a whole, each a sentence.
    notices: tuple[str, ...]


def market_day(
    table: Table,
    date: dt.date,
    *,
    name: str,
    is_daily: bool,
    hours: Interval,
    keeps_zero_volume: bool = False,
    is_positive: bool = True,
) -> MarketDay:
    """Check the rows of a file, put them in order, and leave out what is no bar of its date.

    Args:
        table: what was read; rows without volume, where they have one, were not traded.
        date: that of the file's key, which is right when a row says otherwise.
        name: of the file, for messages.
        is_daily: whether there is one row a ticker.
        hours: minutes outside of them are left out.
        keeps_zero_volume: keep also rows without a trade.
        is_positive: whether a price has to be more than 0.

    Raises:
        ContractError: the file is that of another date.
    """
    sorting = _Sorting(table, name)
    if is_daily:
        sorting.check_days(date)
    else:
        sorting.check_minutes(date)
        sorting.keep((sorting.times >= hours[0]) & (sorting.times < hours[1]))
    if not keeps_zero_volume:
        sorting.keep_traded()
    sorting.sort()
    return sorting.day(is_daily=is_daily, hours=hours, is_positive=is_positive)


@define(eq=False)
class _Sorting:
    """Rows on their way into a market day."""

    table: Table
    name: str
    notices: list[str] = Factory(list)
    faults: dict[int, str] = Factory(dict)
    names: dict[bytes, int] = Factory(dict)
    #: The number of each row's ticker, and its time in milliseconds.
    ids: npt.NDArray[np.int32] = field(init=False)
    times: npt.NDArray[np.int64] = field(init=False)
    columns: list[npt.NDArray[np.float64]] = field(init=False)

    def __attrs_post_init__(self) -> None:
        runs = self.table.runs
        numbers = [self.names.setdefault(name, len(self.names)) for name, _ in runs]
        counts = np.array([count for _, count in runs], dtype=np.int64)
        self.ids = np.repeat(np.array(numbers, dtype=np.int32), counts)
        self.times = self.table.times // _NANOSECONDS
        self.columns = list(self.table.columns)

    def check_days(self, date: dt.date) -> None:
        """Leave out rows of other dates; where all have one stamp, the file's date is right."""
        stamps, which = np.unique(self.times, return_inverse=True)
        dates = [_date(stamp) for stamp in stamps.tolist()]
        if len(dates) == 1 and dates[0] != date:
            self.notices.append(
                f"{self.name}: every row is stamped {dates[0] or stamps[0]}; the date of the "
                "file's name was taken."
            )
            return
        self._keep_date(np.array([found == date for found in dates], dtype=bool)[which], date)

    def check_minutes(self, date: dt.date) -> None:
        """Leave out rows of other dates."""
        new_york = zone(_NEW_YORK)
        start, end = (midnight(date + dt.timedelta(days), new_york) for days in (0, 1))
        is_between = self.times * _NANOSECONDS != self.table.times
        self._fault(is_between, "is stamped between milliseconds")
        self._fault(self.times % _MINUTE != 0, "does not start on a minute")
        samples = np.array(self.table.samples, dtype=np.int64) // _NANOSECONDS
        is_sound = bool(((samples >= start) & (samples < end)).any())
        self._keep_date((self.times >= start) & (self.times < end), date, is_sound=is_sound)

    def _keep_date(self, is_of_date: _Mask, date: dt.date, *, is_sound: bool = False) -> None:
        others = len(is_of_date) - int(is_of_date.sum())
        if others == len(is_of_date) and not is_sound:
            raise ContractError(
                f"{self.name} holds no row of {date}: nothing of it is used. Fetch it again, and "
                "tell the provider if it stays."
            )
        if not others:
            return
        self.notices.append(f"{self.name}: {counted(others, 'row')} of other dates left out.")
        before = np.bincount(self.ids, minlength=len(self.names))
        self.keep(is_of_date)
        after = np.bincount(self.ids, minlength=len(self.names))
        for number in np.flatnonzero((before > 0) & (after == 0)).tolist():
            self.faults[number] = "all its rows are of other dates"

    def keep_traded(self) -> None:
        """Leave out rows that carry an old price on, because nobody traded."""
        if len(self.columns) > 4:  # an index is not traded
            self.keep((self.columns[4] != 0) & (self.columns[5] != 0))

    def keep(self, mask: _Mask) -> None:
        """Leave out all other rows."""
        if not mask.all():
            self._take(mask)

    def _take(self, rows: npt.NDArray[np.generic]) -> None:
        self.ids, self.times = self.ids[rows], self.times[rows]
        for i, column in enumerate(self.columns):
            self.columns[i] = column[rows]

    def sort(self) -> None:
        """Ticker by ticker, in order of time; a row that comes again is one row."""
        if self._is_sorted():
            return
        self._take(np.lexsort((self.times, self.ids)))
        again = np.zeros(len(self.ids), dtype=bool)
        again[1:] = (self.ids[1:] == self.ids[:-1]) & (self.times[1:] == self.times[:-1])
        is_other = np.zeros(len(self.ids), dtype=bool)
        for column in self.columns:
            is_other[1:] |= column[1:] != column[:-1]
        self._fault(again & is_other, "comes twice, with other numbers")
        self.keep(~again)

    def _is_sorted(self) -> bool:
        ids, times = self.ids, self.times
        is_next = ids[1:] > ids[:-1]
        return bool((is_next | ((ids[1:] == ids[:-1]) & (times[1:] > times[:-1]))).all())

    def day(self, *, is_daily: bool, hours: Interval, is_positive: bool) -> MarketDay:
        """What the rows are."""
        open_, high, low, close = self.columns[:4]
        volume = self.columns[4] if len(self.columns) > 4 else np.zeros(len(open_))
        bars = Bars(self.times, open_, high, low, close, volume)
        for words, wrong in _defects(bars, is_positive=is_positive):
            self._fault(wrong, words)
        if is_daily:
            again = np.zeros(len(self.ids), dtype=bool)
            again[1:] = self.ids[1:] == self.ids[:-1]
            self._fault(again, "is one of several")
        edges = np.searchsorted(self.ids, np.arange(len(self.names) + 1)).tolist()
        by_number = dict(zip(self.names.values(), self.names, strict=True))
        return MarketDay(
            bars=bars,
            is_daily=is_daily,
            hours=hours,
            spans={name: (edges[i], edges[i + 1]) for name, i in self.names.items()},
            faults={by_number[number]: words for number, words in self.faults.items()},
            notices=tuple(self.notices),
        )

    def _fault(self, wrong: _Mask, words: str) -> None:
        """The first bad bar of a ticker speaks for all of them."""
        if not wrong.any():
            return
        numbers, first = np.unique(self.ids[wrong], return_index=True)
        times = self.times[wrong][first]
        for number, time in zip(numbers.tolist(), times.tolist(), strict=True):
            at = _date_and_time(time)
            self.faults.setdefault(number, f"the bar of {at} {words}")


def _defects(bars: Bars, *, is_positive: bool) -> Iterator[tuple[str, _Mask]]:
    cheapest = np.minimum(bars.open, bars.close)
    dearest = np.maximum(bars.open, bars.close)
    yield "has a low above its open or close", ~(bars.low <= cheapest)
    yield "has a high below its open or close", ~(bars.high >= dearest)
    least = _LEAST if is_positive else -_MOST
    yield "has a price that is no price", ~((bars.low >= least) & (bars.high < _MOST))
    is_volume = (bars.volume == 0) | ((bars.volume >= _LEAST) & (bars.volume < _MOST))
    yield "has a volume that is no volume", ~is_volume


def _date(milliseconds: int) -> dt.date | None:
    """The date of an instant in New York; None where there is no calendar."""
    try:
        return dt.datetime.fromtimestamp(milliseconds / 1000, ZoneInfo(_NEW_YORK)).date()
    except (OverflowError, OSError, ValueError):
        return None


def _date_and_time(milliseconds: int) -> str:
    try:
        return f"{np.datetime64(milliseconds, 'ms').item():%Y-%m-%d %H:%M}Z"
    except (AttributeError, TypeError, ValueError):  # beyond the calendar
        return f"{milliseconds} ms"
