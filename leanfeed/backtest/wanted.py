"""Which sessions to fetch for what LEAN did not find, and under which symbols to ask for them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from pathlib import Path

from attrs import define, evolve, field

from leanfeed.backtest.owners import owners
from leanfeed.lean.market_hours import MarketHours, market_hours
from leanfeed.ledger import Ledger
from leanfeed.values import Resolution, Series, Symbol

__all__ = ["Wanted", "wanted_sessions"]


@define
class Wanted:
    """What to fetch, and what nobody can be asked for."""

    #: The days of each series, under the ticker that LEAN's files have.
    dates: dict[Series, set[dt.date]] = field(factory=dict)
    #: The symbols to ask for; others than those of the series where a ticker has changed since.
    symbols: dict[Resolution, set[Symbol]] = field(factory=dict)
    #: The other days, each with the reason.
    refused: dict[Series, dict[dt.date, str]] = field(factory=dict)

    def window(self, resolution: Resolution) -> tuple[dt.date, dt.date]:
        """First and last day at a resolution."""
        of_resolution = [
            days for series, days in self.dates.items() if series.resolution is resolution
        ]
        return min(map(min, of_resolution)), max(map(max, of_resolution))


def wanted_sessions(
    asked: Mapping[Series, Collection[dt.date]], data_folder: Path, *, today: dt.date
) -> Wanted:
    """Sort out which of the days have a session, and whose ticker it was.

    Raises:
        ConfigurationError: the calendar or a map file cannot be read.
    """
    wanted = Wanted()
    why_not: dict[str, Mapping[dt.date, str]] = {}
    every_day = {day for days in asked.values() for day in days}
    with Ledger(data_folder) as ledger:
        for lower_case, days in asked.items():
            series = _as_spelt(lower_case, ledger)
            hours = market_hours(series.symbol, data_folder)
            if hours.key not in why_not:
                why_not[hours.key] = _why_not(every_day, hours, today)
            refused = {day: why_not[hours.key][day] for day in days if day in why_not[hours.key]}
            held = owners(series.symbol, set(days) - refused.keys(), data_folder)
            found = {day for of_symbol in held.values() for day in of_symbol}
            nobody = sorted(set(days) - refused.keys() - found)
            refused |= dict.fromkeys(nobody, "no symbol had this ticker then, say LEAN's map files")
            if refused:
                wanted.refused[series] = refused
            if found:
                wanted.dates[series] = found
                wanted.symbols.setdefault(series.resolution, set()).update(held)
    return wanted


def _as_spelt(series: Series, ledger: Ledger) -> Series:
    """The series as it was asked for before: files are lower case, the ticker ``AAMpA`` is not."""
    for entry in ledger.entries(series).values():
        return evolve(series, symbol=evolve(series.symbol, ticker=entry.ticker))
    return series


def _why_not(days: Collection[dt.date], hours: MarketHours, today: dt.date) -> dict[dt.date, str]:
    """Why nobody can be asked for some of the days."""
    first, last = hours.horizon or (dt.date.min, dt.date.max)
    known = {day for day in days if first <= day <= last}
    sessions = hours.sessions(min(known), max(known)) if known else ()
    unknown = f"{hours.origin} does not know the trading days of that year"
    return {
        **dict.fromkeys(set(days) - known, unknown),
        **dict.fromkeys(known - {session.date for session in sessions}, "no trading day"),
        **{session.date: "it lies in the future" for session in sessions if session.date > today},
    }
