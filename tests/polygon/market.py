"""What a test server has to offer: LEAN's own samples, or a random walk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from leanfeed.bars import Bars
from leanfeed.lean.reader import read_file
from leanfeed.values import Session

__all__ = ["Market", "from_lean", "synthetic"]

#: Bars by ticker and timespan: second, minute or day. Hours are made from the minutes.
Market = Mapping[tuple[str, str], Bars]


def from_lean(folder: Path) -> dict[tuple[str, str], Bars]:
    """The US equity trade bars of a LEAN data folder: second, minute and daily."""
    market: dict[tuple[str, str], list[Bars]] = {}
    usa = folder / "equity" / "usa"
    for timespan, pattern in (
        ("second", "second/*/*_trade.zip"),
        ("minute", "minute/*/*_trade.zip"),
        ("day", "daily/*.zip"),
    ):
        for path in sorted(usa.glob(pattern)):
            ticker = path.stem if timespan == "day" else path.parent.name
            bars = read_file(path)
            assert isinstance(bars, Bars)
            market.setdefault((ticker.upper(), timespan), []).append(bars)
    return {name: Bars.concat(parts) for name, parts in market.items()}


def synthetic(
    sessions: Sequence[Session],
    timespan: str = "minute",
    *,
    seed: int = 0,
    density: float = 1.0,
) -> Bars:
    """A random walk that trades in a part `density` of all slots of every session."""
    rng = np.random.default_rng(seed)
    if timespan == "day":
        times = np.array([session.day[0] for session in sessions], dtype=np.int64)
    else:
        step = {"second": 1_000, "minute": 60_000}[timespan]
        times = np.concatenate([np.arange(*session.extended, step) for session in sessions])
    times = times[rng.random(len(times)) < density]
    ticks = np.abs(1_000_000 + np.cumsum(rng.integers(-200, 201, len(times)))) + 1_000
    spread = rng.integers(0, 150, (3, len(times)))
    opening, closing = ticks + spread[0], ticks + spread[1]
    high = np.maximum(opening, closing) + spread[2]
    low = np.minimum(opening, closing) - spread[2]
    volume = rng.integers(1, 2_000_000, len(times)).astype(np.float64)
    prices = np.stack((opening, high, low, closing)) / 10_000
    return Bars(times, prices[0], prices[1], prices[2], prices[3], volume)
