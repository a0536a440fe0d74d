"""Flat files as the provider publishes them: synthetic, of full size, the same for a seed.

    python -m benchmarks.flat_market stocks_minute 2024-06-03 FILE.csv.gz

Kinds are ``stocks_minute``, ``stocks_daily``, ``options_minute`` and ``options_daily``. Nothing in
them was ever traded.
"""

from __future__ import annotations

import argparse
import datetime as dt
import gzip
import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from leanfeed import Session, Symbol
from leanfeed.lean.market_hours import market_hours

__all__ = ["HEADER", "KINDS", "contracts", "lines", "tickers", "write_flat_file"]

HEADER = "ticker,volume,open,close,high,low,window_start,transactions"
KINDS = ("stocks_minute", "stocks_daily", "options_minute", "options_daily")

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#: What follows some tickers: share classes, preferred, warrants, units, rights.
_SUFFIXES = (".A", ".B", "pA", "pB", "pC", ".WS", ".U", "rw")
#: Real ones that readers of tables stumble over.
_ALWAYS = ("A", "AA", "AAPL", "NA", "NAN", "NULL", "SPY", "TRUE")
_FULL_SESSION = 390


def tickers(count: int, *, seed: int = 0) -> list[str]:
    """So many of them, no two of which differ only by case, sorted as in a flat file."""
    chance = random.Random(seed)
    found, folded = set(_ALWAYS), {ticker.lower() for ticker in _ALWAYS}
    while len(found) < count:
        length = chance.choices((1, 2, 3, 4, 5), (1, 4, 30, 60, 20))[0]
        ticker = "".join(chance.choices(_LETTERS, k=length))
        if chance.random() < 0.06:
            ticker = ticker[:4] + chance.choice(_SUFFIXES)
        if ticker.lower() not in folded:
            found.add(ticker)
            folded.add(ticker.lower())
    return sorted(found)[:count]


def contracts(underlyings: list[str], session: Session, count: int, *, seed: int = 0) -> list[str]:
    """So many option contracts that have not expired, sorted, more of the first underlyings."""
    chance = random.Random(seed)
    found: set[str] = set()
    while len(found) < count:
        underlying = underlyings[int(len(underlyings) * chance.random() ** 3)]
        days = 4 - session.date.weekday() + 7 * int(60 * chance.random() ** 2)
        expiry = session.date + dt.timedelta(days)
        strike = 1000 * chance.randint(5, 600) + chance.choice((0, 0, 0, 500))
        found.add(f"O:{underlying}{expiry:%y%m%d}{chance.choice('CP')}{strike:08}")
    return sorted(found)


def lines(
    kind: str, session: Session, names: list[str], rows: int, *, seed: int = 0
) -> Iterator[str]:
    """The header, and the rows of each ticker after the other, each with its line end."""
    yield HEADER + "\n"
    rng = np.random.default_rng(seed)
    is_option = kind.startswith("options")
    if kind.endswith("daily"):
        starts = [np.array([session.day[0]])] * len(names)
    else:
        starts = _starts(session, len(names), rows, rng, is_option=is_option)
    for name, times in zip(names, starts, strict=True):
        yield from _rows(name, times, rng, cheapest=0.05 if is_option else 2.0)


def write_flat_file(
    path: Path, kind: str, date: dt.date, *, names: int, rows: int, seed: int = 0
) -> None:
    """One object of the provider's bucket.

    Args:
        path: where it goes.
        kind: one of :data:`KINDS`.
        date: a trading day.
        names: how many tickers, or contracts, there are.
        rows: about how many rows; a daily file has one for each name.
        seed: other numbers, and other names, for another seed.
    """
    (session,) = market_hours(Symbol("SPY")).sessions(date, date)
    if kind.startswith("options"):
        found = contracts(["SPY", "QQQ", *tickers(400, seed=seed)], session, names, seed=seed)
    else:
        found = tickers(names, seed=seed)
    with path.open("wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as file:
        file.writelines(line.encode() for line in lines(kind, session, found, rows, seed=seed))


def _starts(
    session: Session, count: int, rows: int, rng: np.random.Generator, *, is_option: bool
) -> list[np.ndarray]:
    """In which minutes each ticker traded: few of them in most, most of them in few minutes."""
    open_, close = session.regular[0] if is_option else session.extended
    minutes = np.arange(open_, close, 60_000)
    share = np.clip(rng.lognormal(0, 1.6, count), 0, None)
    wanted = share / share.sum() * rows
    for _ in range(20):  # what is more than a session has goes to the others
        wanted = np.clip(wanted, 1, _FULL_SESSION if is_option else 0.87 * len(minutes))
        wanted *= 1 + (rows - wanted.sum()) / rows
    counts = np.clip(wanted, 1, len(minutes)).astype(int)
    weights = np.where(_is_regular(minutes, session), 12.0, 1.0)
    weights /= weights.sum()
    found = []
    for number in counts.tolist():
        keys = rng.exponential(size=len(minutes)) / weights  # the least are a fair choice
        found.append(minutes[np.sort(np.argpartition(keys, number - 1)[:number])])
    return found


def _is_regular(minutes: np.ndarray, session: Session) -> np.ndarray:
    (open_, close), *_ = session.regular
    return (minutes >= open_) & (minutes < close)


def _rows(
    name: str, times: np.ndarray, rng: np.random.Generator, *, cheapest: float
) -> Iterator[str]:
    count = len(times)
    start = cheapest * rng.lognormal(2, 1)
    closes = np.maximum(start * np.exp(rng.normal(0, 0.001, count).cumsum()), 0.01)
    opens = closes * (1 + rng.normal(0, 0.0005, count))
    highs = np.maximum(opens, closes) * (1 + np.abs(rng.normal(0, 0.0004, count)))
    lows = np.minimum(opens, closes) * (1 - np.abs(rng.normal(0, 0.0004, count)))
    places = np.where(rng.random(count) < 0.4, 4, 2)
    prices = np.stack([opens, closes, highs, lows])
    prices = np.where(places == 4, np.round(prices, 4), np.round(prices, 2))
    prices = np.maximum(prices, 0.01)
    prices[2], prices[3] = prices.max(axis=0), prices.min(axis=0)
    volumes = np.ceil(rng.lognormal(6, 1.6, count)).astype(int).tolist()
    transactions = np.ceil(rng.lognormal(2.5, 1, count)).astype(int).tolist()
    stamps = (times * 1_000_000).tolist()
    for i, (open_, close, high, low) in enumerate(prices.T.tolist()):
        yield (
            f"{name},{volumes[i]},{open_:.15g},{close:.15g},{high:.15g},{low:.15g},"
            f"{stamps[i]},{transactions[i]}\n"
        )


def main() -> None:
    """Write one file."""
    parser = argparse.ArgumentParser(prog="benchmarks.flat_market", description="One flat file.")
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("date", type=dt.date.fromisoformat)
    parser.add_argument("file", type=Path)
    parser.add_argument("--tickers", type=int, default=10_500)
    parser.add_argument("--rows", type=int, default=1_520_000)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    write_flat_file(
        given.file, given.kind, given.date, names=given.tickers, rows=given.rows, seed=given.seed
    )


if __name__ == "__main__":
    main()
