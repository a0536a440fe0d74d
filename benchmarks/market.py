"""The bars of the benchmarks: realistic random walks, the same on every machine and day."""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from leanfeed.bars import Bars
from leanfeed.lean.market_hours import market_hours
from leanfeed.values import Session, Symbol

__all__ = ["rows", "sessions", "walk"]

_STEP = {"second": 1_000, "minute": 60_000}
#: Which part of the slots has trades: in the regular session, and around it.
_DENSITY = {"second": (0.98, 0.5), "minute": (1.0, 0.55)}
#: So many prices of a hundred are no whole cents.
_SUB_PENNY = 0.08


@lru_cache(maxsize=64)
def walk(ticker: str, timespan: str, start: str, end: str) -> Bars:
    """The bars of a ticker on all sessions from `start` to `end`, both inclusive.

    Whole cents but for a few prices of four decimals, and whole volumes with many small ones.
    """
    rng = np.random.default_rng(zlib.crc32(f"{ticker} {timespan}".encode()))
    times = _times(sessions(start, end), timespan, rng)
    size = len(times)
    steps = rng.normal(0, 2.2, (size, 3)).round().astype(np.int64)
    closes = 12_000 + int(rng.integers(0, 20_000)) + np.cumsum(steps[:, 0])
    closes = np.abs(closes - 500) + 500  # no walk leads below five dollars
    opens = np.concatenate((closes[:1], closes[:-1])) + steps[:, 1] // 2
    wide = np.abs(steps[:, 2])
    highs, lows = np.maximum(opens, closes) + wide, np.minimum(opens, closes) - wide
    odd = np.where(rng.random(size) < _SUB_PENNY, rng.integers(1, 100, size), 0)
    columns = [column * 100 for column in (opens, highs, lows, closes)]
    columns[1], columns[3] = columns[1] + odd, columns[3] + np.minimum(odd, (highs - closes) * 100)
    volumes = np.clip(rng.lognormal(8.3, 1.4, size), 1, 999_999).round()
    opening, high, low, close = (column / 10_000 for column in columns)
    return Bars(times, opening, high, low, close, volumes)


def sessions(start: str, end: str) -> Sequence[Session]:
    """The sessions of US equities from `start` to `end`, both inclusive."""
    hours = market_hours(Symbol("SPY"))
    return hours.sessions(dt.date.fromisoformat(start), dt.date.fromisoformat(end))


def rows(bars: Bars) -> str:
    """The bars as Polygon writes them in `results`, without the brackets."""
    columns = [column.tolist() for column in bars.columns]
    return ",".join(
        f'{{"v":{v:.0f},"vw":{lo + (h - lo) * (v % 97) / 97:.4f},"o":{_text(o)},"c":{_text(c)},'
        f'"h":{_text(h)},"l":{_text(lo)},"t":{t},"n":{v / (40 + v % 83) + 1:.0f}}}'
        for t, o, h, lo, c, v in zip(*columns, strict=True)
    )


def _text(price: float) -> str:
    return repr(price).removesuffix(".0")


def _times(
    days: Sequence[Session], timespan: str, rng: np.random.Generator
) -> npt.NDArray[np.int64]:
    step, (inside, around) = _STEP[timespan], _DENSITY[timespan]
    slots = np.concatenate([np.arange(*day.extended, step) for day in days])
    is_regular = np.zeros(len(slots), dtype=bool)
    for day in days:
        for start, end in day.regular:
            first, last = np.searchsorted(slots, (start, end))
            is_regular[first:last] = True
    return slots[rng.random(len(slots)) < np.where(is_regular, inside, around)]
