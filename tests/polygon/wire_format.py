"""Bars as the text of Polygon's answers."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
from attrs import evolve

from leanfeed.bars import Bars

__all__ = ["hours", "market_rows", "rows"]

_HOUR = 3_600_000
_NEW_YORK = ZoneInfo("America/New_York")


def hours(page: Bars, rest: Bars) -> tuple[Bars, Bars]:
    """Whole hours by the clock, which mix pre-market and regular minutes; an hour that the limit
    cuts comes with the next page."""
    if len(page) and len(rest):
        is_whole = page.time // _HOUR != rest.time[0] // _HOUR
        rest = Bars.concat([page.rows(~is_whole), rest])
        page = page.rows(is_whole)
    if not len(page):
        return page, rest
    starts = np.flatnonzero(np.diff(page.time // _HOUR, prepend=-1))
    ends = np.append(starts[1:], len(page)) - 1
    return Bars(
        page.time[starts] // _HOUR * _HOUR,
        page.open[starts],
        np.maximum.reduceat(page.high, starts),
        np.minimum.reduceat(page.low, starts),
        page.close[ends],
        np.add.reduceat(page.volume, starts),
    ), rest


def rows(bars: Bars) -> str:
    """The rows of `results`, without the brackets."""
    columns = [column.tolist() for column in bars.columns]
    return ",".join(
        f'{{"v":{_go(v)},"vw":{_go(c)},"o":{_go(o)},"c":{_go(c)},"h":{_go(h)},"l":{_go(lo)},'
        f'"t":{t},"n":1}}'
        for t, o, h, lo, c, v in zip(*columns, strict=True)
    )


def market_rows(ticker: str, bars: Bars) -> str:
    """Daily bars, stamped midnight, as rows of a grouped answer: with a ticker, stamped 16:00."""
    closing = [
        int(day.replace(hour=16).timestamp() * 1000)
        for day in (dt.datetime.fromtimestamp(t / 1000, _NEW_YORK) for t in bars.time.tolist())
    ]
    text = rows(evolve(bars, time=closing))
    return text.replace('{"v"', f'{{"T":"{ticker}","v"')


def _go(value: float) -> str:
    """A number as Go's ``%g`` writes it: ``130``, ``1.12117471e+08``."""
    if value == 0 or 1e-4 <= value < 1e6:
        return repr(value).removesuffix(".0")
    number = Decimal(repr(value)).normalize()
    exponent = number.adjusted()
    return f"{number.scaleb(-exponent):f}e{exponent:+03d}"
