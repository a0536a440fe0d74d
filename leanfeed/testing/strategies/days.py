"""Sessions, series and gaps."""

from __future__ import annotations

import datetime as dt

import numpy as np
from hypothesis import strategies as st

from leanfeed.lean import paths
from leanfeed.lean.local_time import HOUR, instants, wall_clock
from leanfeed.lean.market_hours import market_hours, zone
from leanfeed.values import (
    Gap,
    Interval,
    Resolution,
    SecurityType,
    Series,
    Session,
    Symbol,
    TickType,
)

__all__ = ["dates", "gaps", "series", "sessions", "us_sessions"]

#: Around the days on which New York's clocks change, half days, a leap day, the turn of a year.
_NASTY_DATES = tuple(
    map(
        dt.date.fromisoformat,
        (
            *("2024-03-08", "2024-03-10", "2024-03-11", "2024-11-01", "2024-11-03", "2024-11-04"),
            *("2023-11-24", "2024-07-03", "2024-11-29", "2024-12-24", "2024-02-29", "2023-12-29"),
        ),
    )
)
#: The shipped calendar knows them.
_FIRST, _LAST = dt.date(2000, 1, 3), dt.date(2024, 12, 31)

_TICK_TYPES = {
    SecurityType.EQUITY: (TickType.TRADE, TickType.QUOTE),
    SecurityType.OPTION: (TickType.TRADE,),
    SecurityType.CRYPTO: (TickType.TRADE, TickType.QUOTE),
    SecurityType.FOREX: (TickType.QUOTE,),
    SecurityType.INDEX: (TickType.TRADE,),
}
_MARKETS = {
    SecurityType.EQUITY: ("usa", ("SPY", "AAPL", "BRK.B", "CON", "A")),
    SecurityType.OPTION: ("usa", ("SPY", "AAPL", "BRK.B", "CON")),
    SecurityType.CRYPTO: ("coinbase", ("BTCUSD", "ETHUSD")),
    SecurityType.FOREX: ("oanda", ("EURUSD", "USDJPY")),
    SecurityType.INDEX: ("usa", ("SPX", "VIX")),
}


def dates() -> st.SearchStrategy[dt.date]:
    """Dates from 2000 to 2030, weekends too; days of changing clocks and half days are likely."""
    return st.dates(dt.date(2000, 1, 1), dt.date(2030, 12, 31)) | st.sampled_from(_NASTY_DATES)


_DATES = dates()


@st.composite
def sessions(
    draw: st.DrawFn,
    *,
    time_zone: str = "America/New_York",
    dates: st.SearchStrategy[dt.date] = _DATES,
    extended: tuple[int, int] = (4, 20),
) -> Session:
    """Sessions with the hours of US equities on the clocks of any zone, now and then a half day.

    Args:
        draw: given by Hypothesis.
        time_zone: the data time zone.
        dates: as from :func:`dates` when left out.
        extended: full hours at which trading begins and ends.
    """
    date = draw(dates)
    close = draw(st.sampled_from((16, 16, 13)))

    def between(start: float, end: float) -> Interval:
        walls = [wall_clock(date) + int(hour * HOUR) for hour in (start, end)]
        first, last = instants(np.array(walls), zone(time_zone)).tolist()
        return first, last

    return Session(
        date=date,
        number=date.toordinal(),
        time_zone=time_zone,
        day=between(0, 24),
        regular=(between(9.5, close),),
        extended=between(*extended),
    )


@st.composite
def us_sessions(
    draw: st.DrawFn,
    *,
    min_size: int = 1,
    max_size: int = 5,
    of: SecurityType = SecurityType.EQUITY,
) -> tuple[Session, ...]:
    """Sessions of US equities that follow each other, by the calendar, oldest first.

    Those around changes of the clocks, half days and the turn of a year are likely. Options have
    sessions `of` their own; those of any other security type are drawn as those of equities.
    """
    start = draw(st.dates(_FIRST, _LAST) | st.sampled_from(_NASTY_DATES))
    count = draw(st.integers(min_size, max_size))
    end = start + dt.timedelta(days=2 * max_size + 7)
    kind = of if of is SecurityType.OPTION else SecurityType.EQUITY
    return market_hours(Symbol("SPY", kind)).sessions(start, end)[:count]


@st.composite
def series(
    draw: st.DrawFn,
    *,
    security_types: tuple[SecurityType, ...] = (SecurityType.EQUITY,),
    resolutions: tuple[Resolution, ...] = tuple(Resolution),
    tick_types: tuple[TickType, ...] = (TickType.TRADE,),
) -> Series:
    """Series that LEAN can store: US equities unless other security types are given.

    Of security types there are equity, option, crypto, forex and index. Tickers that are odd file
    names, such as ``CON``, are likely.
    """
    kind = draw(st.sampled_from(security_types))
    tick_type = draw(st.sampled_from([one for one in _TICK_TYPES[kind] if one in tick_types]))
    market, tickers = _MARKETS[kind]
    symbol = Symbol(draw(st.sampled_from(tickers)), kind, market)
    one = Series(symbol, draw(st.sampled_from(resolutions)), tick_type)
    if kind is SecurityType.EQUITY and tick_type is TickType.QUOTE:
        fine = [r for r in resolutions if r.is_file_per_session]
        one = Series(symbol, draw(st.sampled_from(fine or [Resolution.MINUTE])), tick_type)
    assert paths.series_folder(one)  # it is one of LEAN's
    return one


@st.composite
def gaps(draw: st.DrawFn, *, of: st.SearchStrategy[Series] | None = None, max_size: int = 5) -> Gap:
    """What a source may be asked for: sessions of a US equity, often with holes between them."""
    days = draw(us_sessions(min_size=1, max_size=2 * max_size))
    chosen = draw(st.sets(st.sampled_from(days), min_size=1, max_size=max_size))
    found = tuple(day for day in days if day in chosen)
    return Gap(draw(series() if of is None else of), found)
