"""From a flat file on disk to the sessions that were asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from attrs import evolve, frozen

from leanfeed.bars import Bars
from leanfeed.errors import ContractError, SourceError, UnavailableError
from leanfeed.events import SourceWarned, announce
from leanfeed.kernel.tables import Names
from leanfeed.lean.consolidate import daily, hourly
from leanfeed.values import Delivery, Resolution, SecurityType, Series, Session
from leanfeed_flatfiles.chains import TAIL, Chain, chains
from leanfeed_flatfiles.data_types import DataType
from leanfeed_flatfiles.downloads import Downloaded, Downloading, Unavailable
from leanfeed_flatfiles.errands import Errand
from leanfeed_flatfiles.failures import absent, faulty
from leanfeed_flatfiles.header import COLUMNS, TRADED_COLUMNS
from leanfeed_flatfiles.market_day import MarketDay, market_day
from leanfeed_flatfiles.tables import read_table
from leanfeed_flatfiles.tickers import PREFIXES, ticker_of

__all__ = ["Reading", "deliveries"]

#: Compressed bytes that are read at a time for many tickers: of a larger file a part of the tickers
#: is read, and then it is read again, so that memory does not grow with it.
_AT_A_TIME = 48 * 1024 * 1024

_Wanted = Sequence[tuple[Series, Session]]


@frozen
class Reading:
    """How files are read."""

    #: The source's name, for what it says.
    source: str
    keeps_zero_volume: bool = False


def deliveries(
    errand: Errand, downloads: Downloading, reading: Reading, failures: list[SourceError]
) -> Iterator[Delivery]:
    """The sessions of one kind of file, oldest first; what cannot be given costs its own only.

    Raises:
        SourceError: nothing can be fetched any more.
    """
    for found in downloads.download(errand.data_type, errand.dates):
        wanted = errand.on(found.date)
        if isinstance(found, Unavailable):
            failures.append(absent(found))
            continue
        try:
            yield from _of_file(found, errand.data_type, wanted, reading, failures)
        except ContractError as error:
            error.__context__ = None  # its frames would keep the columns in memory
            failures.append(error.with_traceback(None))
        except OSError as error:
            reason = f"{found.key} cannot be read on this machine ({error.strerror}): run again."
            failures.append(UnavailableError(reason))


def _of_file(
    file: Downloaded,
    data_type: DataType,
    wanted: _Wanted,
    reading: Reading,
    failures: list[SourceError],
) -> Iterator[Delivery]:
    faults: list[tuple[str, str]] = []
    said: set[str] = set()
    for part in _parts(wanted, file.size):
        day = _market_day(file, data_type, part, reading)
        for notice in day.notices:
            if notice not in said:
                announce(SourceWarned(reading.source, notice))
                said.add(notice)
        give = _of_chains if data_type.security_type is SecurityType.OPTION else _of_tickers
        yield from give(day, part, file.identity, faults)
        del day
    if faults:
        failures.append(faulty(file.key, faults))


def _parts(wanted: _Wanted, size: int) -> Iterator[_Wanted]:
    """All at once, unless the file is so large that this could need much memory."""
    count = min(max(1, -(-size // _AT_A_TIME)), max(1, len(wanted)))
    return (wanted[i::count] for i in range(count)) if count > 1 else iter((wanted,))


def _market_day(
    file: Downloaded, data_type: DataType, wanted: _Wanted, reading: Reading
) -> MarketDay:
    kind = data_type.security_type
    is_daily = data_type.resolution is Resolution.DAILY
    prefix = PREFIXES[kind]
    # Only when every row of a daily file is seen, a wrong stamp can be told from a wrong file.
    names = None if is_daily else {ticker_of(series.symbol) for series, _ in wanted}
    tail = TAIL if kind is SecurityType.OPTION else 0
    return market_day(
        read_table(
            file.path,
            COLUMNS if kind is SecurityType.INDEX else TRADED_COLUMNS,
            Names.of(names, head=len(prefix), tail=tail),
            name=file.key,
        ),
        file.date,
        name=file.key,
        is_daily=is_daily,
        hours=(
            min(session.extended[0] for _, session in wanted),
            max(session.extended[1] for _, session in wanted),
        ),
        keeps_zero_volume=reading.keeps_zero_volume,
        is_positive=kind is SecurityType.EQUITY,
    )


def _of_tickers(
    day: MarketDay, wanted: _Wanted, identity: str, faults: list[tuple[str, str]]
) -> Iterator[Delivery]:
    for series, session in wanted:
        name = PREFIXES[series.symbol.security_type] + ticker_of(series.symbol)
        if name in day.faults:
            faults.append((str(series.symbol), day.faults[name]))
            continue
        first, last = day.spans.get(name, (0, 0))
        if not day.is_daily and day.hours != session.extended:
            edges = day.bars.time[first:last].searchsorted(session.extended) + first
            first, last = edges.tolist()
        bars = day.bars.rows(slice(first, last))
        yield Delivery(series, session, _made(bars, series, session, day), identity)


def _of_chains(
    day: MarketDay, wanted: _Wanted, identity: str, faults: list[tuple[str, str]]
) -> Iterator[Delivery]:
    by_root = chains(day)
    for series, session in wanted:
        chain = by_root.get(ticker_of(series.symbol), Chain(()))
        if chain.faults:
            faults += [(name.decode(), words) for name, words in chain.faults]
            continue
        yield Delivery(series, session, chain.bars(day, session), identity)


def _made(bars: Bars, series: Series, session: Session, day: MarketDay) -> Bars:
    """A ticker's rows as the bars of a series; a day's bar is stamped with LEAN's midnight."""
    if day.is_daily:
        return evolve(bars, time=np.full(len(bars), session.day[0]))
    if series.resolution is Resolution.HOUR:
        return hourly(bars, session)
    return daily(bars, session) if series.resolution is Resolution.DAILY else bars
