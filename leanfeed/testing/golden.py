"""Lines of LEAN's own files, and of its own tests, that a writer has to make from their bars."""

from __future__ import annotations

import datetime as dt
import math

from attrs import frozen

from leanfeed.bars import Bars, QuoteBars
from leanfeed.testing.asking import sessions_of
from leanfeed.values import (
    Delivery,
    Resolution,
    SecurityType,
    Series,
    Session,
    Symbol,
    TickType,
)

__all__ = ["GOLDEN", "Golden"]

_NONE = math.nan
_SPY = Symbol("SPY")
_BTC = Symbol("BTCUSD", SecurityType.CRYPTO, "coinbase")


@frozen
class Golden:
    """Bars, and the file that LEAN has of them."""

    series: Series
    date: str
    #: Time of day, then the numbers of the bar.
    rows: tuple[tuple[str, *tuple[float, ...]], ...]
    path: str
    entry: str
    text: str

    @property
    def session(self) -> Session:
        """The session of the bars."""
        if self.series.symbol.security_type is SecurityType.EQUITY:
            return sessions_of(self.series.symbol, self.date)[0]
        date = dt.date.fromisoformat(self.date)
        midnight = round(dt.datetime.fromisoformat(f"{self.date}T00:00Z").timestamp() * 1000)
        day = (midnight, midnight + 86_400_000)
        return Session(date, date.toordinal(), "UTC", day, (day,), day)

    @property
    def delivery(self) -> Delivery:
        """What a source delivers, for LEAN to have that file."""
        session = self.session
        make = Bars if self.series.tick_type is TickType.TRADE else QuoteBars
        times = [session.day[0] + _milliseconds(row[0]) for row in self.rows]
        columns = zip(*(row[1:] for row in self.rows), strict=True)
        return Delivery(self.series, session, make(times, *columns), "r-1", "kit")


def _milliseconds(time: str) -> int:
    at = dt.time.fromisoformat(time)
    return (at.hour * 3600 + at.minute * 60 + at.second) * 1000


GOLDEN = (
    Golden(
        Series(_SPY, Resolution.MINUTE),
        "2013-10-07",
        (
            ("04:00", 167.41, 167.41, 167.25, 167.27, 3197),
            ("04:01", 167.25, 167.25, 167.25, 167.25, 1150),
            ("19:59", 167.26, 167.3, 167.26, 167.3, 800),
        ),
        "equity/usa/minute/spy/20131007_trade.zip",
        "20131007_spy_minute_trade.csv",
        "14400000,1674100,1674100,1672500,1672700,3197\n"
        "14460000,1672500,1672500,1672500,1672500,1150\n"
        "71940000,1672600,1673000,1672600,1673000,800",
    ),
    Golden(
        Series(_SPY, Resolution.SECOND),
        "2013-10-07",
        (
            ("04:00", 167.41, 167.41, 167.41, 167.41, 2049),
            ("04:00:02", 167.26, 167.26, 167.26, 167.26, 148),
        ),
        "equity/usa/second/spy/20131007_trade.zip",
        "20131007_spy_second_trade.csv",
        "14400000,1674100,1674100,1674100,1674100,2049\n"
        "14402000,1672600,1672600,1672600,1672600,148",
    ),
    Golden(
        Series(_SPY, Resolution.HOUR),
        "1998-01-02",
        (
            ("09:00", 97.31, 97.53, 97.03, 97.03, 384500),
            ("10:00", 97.02, 97.13, 96.53, 97.05, 585900),
        ),
        "equity/usa/hour/spy.zip",
        "spy.csv",
        "19980102 09:00,973100,975300,970300,970300,384500\n"
        "19980102 10:00,970200,971300,965300,970500,585900",
    ),
    Golden(
        Series(_SPY, Resolution.DAILY),
        "1998-01-02",
        (("00:00", 97.31, 97.53, 96.53, 97.36, 2150000),),
        "equity/usa/daily/spy.zip",
        "spy.csv",
        "19980102 00:00,973100,975300,965300,973600,2150000",
    ),
    Golden(
        Series(Symbol("TWX"), Resolution.MINUTE, TickType.QUOTE),
        "2014-06-09",
        (("04:00", _NONE, _NONE, _NONE, _NONE, 0, 70.49, 70.49, 70.49, 70.49, 500),),
        "equity/usa/minute/twx/20140609_quote.zip",
        "20140609_twx_minute_quote.csv",
        "14400000,,,,,0,704900,704900,704900,704900,500",
    ),
    Golden(
        Series(_BTC, Resolution.MINUTE),
        "2017-09-03",
        (
            ("00:00", 4642.39, 4652.71, 4642.39, 4652.69, 6.63487803),
            ("00:01", 4652.68, 4654.99, 4645.28, 4654.33, 1.36132358),
        ),
        "crypto/coinbase/minute/btcusd/20170903_trade.zip",
        "20170903_btcusd_minute_trade.csv",
        "0,4642.39,4652.71,4642.39,4652.69,6.63487803\n"
        "60000,4652.68,4654.99,4645.28,4654.33,1.36132358",
    ),
    Golden(
        Series(Symbol("XYZ"), Resolution.MINUTE),
        "2024-03-11",
        (("09:30", 12.34567, 12.5, 0.00001, 12.5, 0.5), ("09:31", 100, 100, 100, 100, 0)),
        "equity/usa/minute/xyz/20240311_trade.zip",
        "20240311_xyz_minute_trade.csv",
        "34200000,123456.7,125000,0.1,125000,0.5\n34260000,1000000,1000000,1000000,1000000,0",
    ),
)
