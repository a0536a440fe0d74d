"""What traded: the same bars whoever asks for them, and in whatever window."""

from __future__ import annotations

import numpy as np

from leanfeed.bars import Bars
from leanfeed.values import Resolution, Session

__all__ = ["traded"]

_HALF_MINUTE = 30_000


def traded(ticker: str, resolution: Resolution, session: Session) -> Bars:
    """A provider's aggregates of one session: of the extended hours, but one bar a day when daily.

    Seconds trade twice a minute. The price tells tickers and instants apart.
    """
    seconds = _trades(ticker, session)
    match resolution:
        case Resolution.SECOND:
            return seconds
        case Resolution.DAILY:
            return _aggregates(seconds, np.full(len(seconds), session.day[0]))
    step = resolution.milliseconds
    return _aggregates(seconds, seconds.time // step * step)


def _trades(ticker: str, session: Session) -> Bars:
    times = np.arange(*session.extended, _HALF_MINUTE)
    cents = 10_000 + 100 * sum(ticker.encode()) + times // _HALF_MINUTE * 37 % 1_000
    opening, high, low, closing = (part / 100 for part in (cents, cents + 2, cents - 2, cents + 1))
    return Bars(times, opening, high, low, closing, times // 1_000 % 7 + 1)


def _aggregates(bars: Bars, starts: np.ndarray) -> Bars:
    times, first = np.unique(starts, return_index=True)
    last = np.append(first[1:], len(bars)) - 1
    return Bars(
        times,
        bars.open[first],
        np.maximum.reduceat(bars.high, first),
        np.minimum.reduceat(bars.low, first),
        bars.close[last],
        np.add.reduceat(bars.volume, first),
    )
