"""Small flat files, shaped as the provider's."""

from __future__ import annotations

import datetime as dt
import gzip
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from leanfeed import Delivery, Gap, Resolution, Series, Session, SourceError, Symbol, events
from leanfeed.lean.market_hours import market_hours
from leanfeed.values import SecurityType
from leanfeed_flatfiles.data_types import DataType
from leanfeed_flatfiles.source import FlatFilesSource

HEADER = "ticker,volume,open,close,high,low,window_start,transactions"
DAY = dt.date(2024, 6, 3)


def session(date: dt.date = DAY) -> Session:
    (found,) = market_hours(Symbol("SPY")).sessions(date, date)
    return found


def stamp(clock: str, date: dt.date = DAY) -> int:
    """``09:30`` in New York, as ``window_start`` has it."""
    hours, minutes = map(int, clock.split(":"))
    return (session(date).day[0] + (hours * 60 + minutes) * 60_000) * 1_000_000


def row(
    ticker: str,
    at: str | int = "09:30",
    *,
    price: float = 100.0,
    volume: object = 100,
    transactions: int = 3,
    date: dt.date = DAY,
) -> str:
    """One row; its open is the price, and its close 0.25 more."""
    when = at if isinstance(at, int) else stamp(at, date)
    prices = f"{price:.15g},{price + 0.25:.15g},{price + 0.5:.15g},{price - 0.5:.15g}"
    return f"{ticker},{volume},{prices},{when},{transactions}"


def write(
    folder: Path,
    rows: Iterable[str],
    *,
    kind: str = "stocks_minute",
    date: dt.date = DAY,
    header: str = HEADER,
) -> Path:
    """A flat file at the place that its key names."""
    path = folder / DataType(kind).key(date)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress("".join(f"{line}\n" for line in (header, *rows)).encode()))
    return path


def gap(ticker: str, resolution: str = "minute", *dates: dt.date, kind: str = "equity") -> Gap:
    series = Series(Symbol(ticker, SecurityType(kind)), Resolution(resolution))
    return Gap(series, tuple(session(date) for date in dates or (DAY,)))


def fetch(
    folder: Path, *gaps: Gap, **settings: object
) -> tuple[dict[tuple[str, str, str], Delivery], str, list[str]]:
    """Deliveries by ticker, resolution and date; how it ended; what was said."""
    came: dict[tuple[str, str, str], Delivery] = {}
    error = ""
    with heard() as said:
        try:
            for delivery in FlatFilesSource(local_folder=folder, **settings).fetch(gaps):
                symbol = delivery.series.symbol
                key = (str(symbol), delivery.series.resolution.value, str(delivery.session))
                assert key not in came
                came[key] = delivery
        except SourceError as raised:
            error = str(raised)
    return came, error, said


@contextmanager
def heard() -> Iterator[list[str]]:
    said: list[str] = []

    def hear(event: events.Event) -> None:
        if isinstance(event, events.SourceWarned):
            said.append(event.text)

    with events.listening(hear):
        yield said
