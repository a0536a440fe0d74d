"""Builders for tests: sessions, gaps, and plausible bars."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from leanfeed.bars import Bars
from leanfeed.dates import Date, parse_date
from leanfeed.lean.market_hours import market_hours
from leanfeed.values import Delivery, Gap, Resolution, Series, Session, Symbol, TickType

__all__ = ["bars_of", "deliveries_of", "gap", "sessions_of"]


def sessions_of(
    symbol: str | Symbol, start: Date, end: Date | None = None, *, data_folder: Path | None = None
) -> tuple[Session, ...]:
    """The sessions of a symbol's market, both dates inclusive; without an end, that of one day.

    Args:
        symbol: a ticker is a US equity; for anything else give a :class:`~leanfeed.Symbol`.
        start: the first day.
        end: the last day.
        data_folder: whose market hours database counts; without one leanfeed knows US equities.

    Raises:
        InvalidRequestError: the symbol or a date cannot be understood.
        ConfigurationError: nobody knows the hours of the market.
    """
    known = symbol if isinstance(symbol, Symbol) else Symbol(symbol)
    first, last = parse_date(start), parse_date(start if end is None else end)
    return market_hours(known, data_folder).sessions(first, last)


def gap(
    symbol: str | Symbol,
    resolution: str,
    start: Date,
    end: Date | None = None,
    *,
    tick_type: str = TickType.TRADE.value,
    data_folder: Path | None = None,
) -> Gap:
    """What a source is asked for: the sessions of one series, as from :func:`sessions_of`.

    Raises:
        InvalidRequestError, ConfigurationError: as for :func:`sessions_of`.
        ValueError: there is no such resolution, or no session between the dates.
    """
    known = symbol if isinstance(symbol, Symbol) else Symbol(symbol)
    sessions = sessions_of(known, start, end, data_folder=data_folder)
    if not sessions:
        raise ValueError(f"There is no session of {known} from {start} to {end or start}.")
    return Gap(Series(known, Resolution(resolution), TickType(tick_type)), sessions)


def bars_of(series: Series, session: Session, *, count: int = 30, seed: int = 0) -> Bars:
    """Plausible bars of a session, the same ones each time: a walk over the regular hours.

    A daily session has one. At other resolutions there are at most `count`, from the opening on.
    """
    rng = np.random.default_rng(zlib.crc32(f"{series} {session} {seed}".encode()))
    midnight, step = session.day[0], series.resolution.milliseconds
    start, end = session.regular[0]
    first = midnight + (start - midnight) // step * step
    if series.resolution is Resolution.DAILY:
        first, count = midnight, 1
    count = min(count, len(range(first, end, step)) or 1)
    cents = 10_000 + np.cumsum(rng.integers(-20, 21, (4, count)).ravel()).reshape(count, 4)
    prices = cents / 100
    return Bars(
        first + np.arange(count) * step,
        prices[:, 0],
        prices.max(axis=1),
        prices.min(axis=1),
        prices[:, 3],
        rng.integers(1, 10_000, count),
    )


def deliveries_of(gaps: Sequence[Gap], *, seed: int = 0) -> Iterator[Delivery]:
    """Every session of the gaps with :func:`bars_of` it, as a source would yield them."""
    for one in gaps:
        for session in one.sessions:
            yield Delivery(one.series, session, bars_of(one.series, session, seed=seed))
