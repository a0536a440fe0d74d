"""Writes the recording that leanfeed ships: invented securities, invented prices.

The same text comes out on every machine: all arithmetic is on integers, and of the standard
generator only ``random()`` is used, which Python promises to keep. Seconds are drawn; minutes,
hours and days are made from them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from random import Random

import numpy as np
from attrs import frozen

from leanfeed.bars import Bars
from leanfeed.lean.consolidate import daily, hourly
from leanfeed.lean.market_hours import market_hours
from leanfeed.recording.about import About
from leanfeed.recording.folder import Recording
from leanfeed.recording.text import Head, Recorded
from leanfeed.values import Resolution, Series, Session, Symbol
from leanfeed_replay.source import DEMO

ABOUT = About(
    title="Synthetic sample: DEMO, DEMO.B and THIN",
    made_by="tests/generate/demo_recording.py",
    synthetic=True,
    notes=(
        "Invented securities with random prices: no provider ever gave these numbers.",
        "Two windows: around the end of daylight saving time, and around Thanksgiving.",
    ),
)

WINDOWS = (
    (dt.date(2024, 10, 31), dt.date(2024, 11, 6)),  # clocks change on Sunday, 3 November
    (dt.date(2024, 11, 25), dt.date(2024, 11, 29)),  # closed on the 28th, half day on the 29th
)

#: Prices are counted in 1/100,000 of a dollar, volumes in 1/1,000 of a share.
PRICE_SCALE, VOLUME_SCALE = 100_000, 1_000

#: Trades go on for so long after the close, on a half day as well; milliseconds.
_AFTER_CLOSE = 4 * 3_600_000

#: Milliseconds, open, high, low, close, volume.
Row = tuple[int, int, int, int, int, int]


@frozen
class Security:
    """How an invented security trades."""

    ticker: str
    first_price: int
    tick: int
    #: Mean seconds from bar to bar in regular hours, and outside them.
    pauses: tuple[int, int]
    #: No bar is larger, in shares.
    largest_volume: int
    #: One bar in so many has a fractional volume; 0: none.
    fractional_every: int = 0
    #: Sessions without any trade.
    quiet: tuple[dt.date, ...] = ()


SECURITIES = (
    Security("DEMO", 100_00000, 1000, (17, 330), 900),
    Security("DEMO.B", 41_50000, 500, (85, 1500), 300),
    Security("THIN", 85000, 25, (2340, 9000), 120, 3, (dt.date(2024, 11, 5),)),
)


def sessions() -> tuple[Session, ...]:
    """The sessions of both windows, oldest first."""
    hours = market_hours(Symbol("DEMO"))
    return tuple(session for window in WINDOWS for session in hours.sessions(*window))


def seconds(security: Security, days: Sequence[Session]) -> Iterator[list[Row]]:
    """Yield the second bars of each session: a random walk that goes on from day to day."""
    random = Random(security.ticker).random
    price = security.first_price
    for session in days:
        rows: list[Row] = []
        for time in _times(security, session, random):
            walk = [price := price + security.tick * (int(random() * 5) - 2) for _ in range(4)]
            volume = VOLUME_SCALE * (1 + int(random() * random() * security.largest_volume))
            if security.fractional_every and random() * security.fractional_every < 1:
                volume += int(random() * VOLUME_SCALE)
            rows.append((time, walk[0], max(walk), min(walk), walk[-1], volume))
        yield rows


def _times(security: Security, session: Session, random: Callable[[], float]) -> Iterator[int]:
    if session.date in security.quiet:
        return
    inside, outside = security.pauses
    ((market_open, market_close),) = session.regular
    first, last = session.extended
    phases = (
        (first, market_open, outside),
        (market_open, market_close, inside),
        (market_close, min(last, market_close + _AFTER_CLOSE), outside),
    )
    for time, end, pause in phases:
        while True:
            time += 1000 * (1 + int(random() * (2 * pause - 1)))
            if time >= end:
                break
            yield time


def minutes(rows: Sequence[Row]) -> list[Row]:
    """The minute bars that second bars make."""
    parts = (list(part) for _, part in groupby(rows, key=lambda row: row[0] // 60_000))
    return [
        (
            part[0][0] // 60_000 * 60_000,
            part[0][1],
            max(row[2] for row in part),
            min(row[3] for row in part),
            part[-1][4],
            sum(row[5] for row in part),
        )
        for part in parts
    ]


def bars(rows: Sequence[Row]) -> Bars:
    """Rows as columns of dollars and shares."""
    if not rows:
        return Bars.empty()
    time, *prices, volume = np.array(rows, dtype=np.int64).T
    columns = (time, *(price / PRICE_SCALE for price in prices), volume / VOLUME_SCALE)
    return Bars(*columns)


def write_demo(folder: Path) -> None:
    """Write the whole recording."""
    recording = Recording.create(folder, ABOUT)
    days = sessions()
    for security in SECURITIES:
        by_resolution: dict[Resolution, list[Bars]] = {r: [] for r in Resolution}
        for session, rows in zip(days, seconds(security, days), strict=True):
            minute = bars(minutes(rows))
            by_resolution[Resolution.SECOND].append(bars(rows))
            by_resolution[Resolution.MINUTE].append(minute)
            by_resolution[Resolution.HOUR].append(hourly(minute, session))
            by_resolution[Resolution.DAILY].append(daily(minute, session))
        for resolution, parts in by_resolution.items():
            recording.write(
                Series(Symbol(security.ticker), resolution),
                (
                    Recorded(Head(session.date, "synthetic"), part)
                    for session, part in zip(days, parts, strict=True)
                ),
            )


if __name__ == "__main__":
    write_demo(DEMO)
