"""Whole files into the data folder, by kind and date, and what has become of each.

For who comes from scripts that think in files: the work is that of :func:`leanfeed.ensure`, so
nothing is converted twice, and what is on disk and unchanged is left alone.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Any, Literal

from attrs import asdict, frozen

import leanfeed
from leanfeed import events
from leanfeed.dates import Date, parse_date
from leanfeed.ledger import Ingested, IngestionLog
from leanfeed.report import Report
from leanfeed.request import Symbols
from leanfeed.watch import Cancel
from leanfeed_flatfiles.catalog import business_days, window
from leanfeed_flatfiles.configured import flat_files
from leanfeed_flatfiles.data_types import DataType
from leanfeed_flatfiles.publishing import is_due
from leanfeed_flatfiles.settings import NAME
from leanfeed_flatfiles.source import FlatFilesSource

__all__ = [
    "IngestionState",
    "IngestionStatistics",
    "IngestionStatus",
    "get_ingestion_status",
    "get_missing_dates",
    "get_statistics",
    "ingest_date",
    "ingest_date_range",
]

Folder = str | os.PathLike[str]


class IngestionState(StrEnum):
    """What has become of one file."""

    #: The last time it came, and its bars were taken.
    INGESTED = "ingested"
    #: The last time it did not come, or was not what it should be.
    FAILED = "failed"
    #: Nobody has asked for it, or it was not there.
    NOT_INGESTED = "not_ingested"


@frozen
class IngestionStatus:
    """What is known of one file."""

    data_type: DataType
    date: dt.date
    state: IngestionState
    #: Its version, counts, times, and the last error.
    file: Ingested

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        values = {"data_type": self.data_type.value, "date": str(self.date)}
        return {**values, "state": self.state.value, **asdict(self.file)}


@frozen
class IngestionStatistics:
    """What was taken of flat files, all together."""

    #: Files of which the last time was a success, and of which it was not.
    ingested: int = 0
    failed: int = 0
    #: How often files came, and how often one failed.
    downloads: int = 0
    errors: int = 0
    #: Bytes that came over the wire.
    bytes: int = 0
    #: Bars that were taken; those that were taken again count again.
    records: int = 0
    #: How long that took, with the conversion.
    seconds: float = 0.0
    first: dt.date | None = None
    last: dt.date | None = None

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {
            name: str(value) if isinstance(value, dt.date) else value
            for name, value in asdict(self).items()
        }


def ingest_date(
    data_type: str,
    date: Date,
    *,
    symbols: Symbols = "*",
    incremental: bool = True,
    source: FlatFilesSource | None = None,
    data_folder: Folder | None = None,
    config: Folder | None = None,
    progress: Callable[[events.Event], None] | Literal[False] | None = None,
    cancel: Cancel | None = None,
) -> Report:
    """Take the file of one day into the data folder; see :func:`ingest_date_range`."""
    return ingest_date_range(
        data_type,
        date,
        date,
        symbols=symbols,
        incremental=incremental,
        source=source,
        data_folder=data_folder,
        config=config,
        progress=progress,
        cancel=cancel,
    )


def ingest_date_range(
    data_type: str,
    start: Date,
    end: Date | None = None,
    *,
    symbols: Symbols = "*",
    incremental: bool = True,
    source: FlatFilesSource | None = None,
    data_folder: Folder | None = None,
    config: Folder | None = None,
    progress: Callable[[events.Event], None] | Literal[False] | None = None,
    cancel: Cancel | None = None,
) -> Report:
    """Take the files of a window into the data folder.

    Args:
        data_type: such as ``stocks_minute``, see :class:`~leanfeed_flatfiles.DataType`.
        start: first day, and
        end: last day, inclusive; the last one that is complete unless given.
        symbols: those to be taken, as for :func:`leanfeed.ensure`; ``*``: all that the files hold.
        incremental: leave alone what is there and was made from the file as it is now; else take
            everything again.
        source: whose bucket and keys; the configuration's unless given.
        data_folder: LEAN's data folder, and
        config: the configuration file, and
        progress: who hears of every event, and
        cancel: what stops it, all as for :func:`leanfeed.ensure`.

    Raises:
        LeanfeedError: as :func:`leanfeed.ensure` does.
    """
    return leanfeed.ensure(
        **asked(
            data_type,
            start,
            end,
            symbols,
            incremental=incremental,
            source=source,
            data_folder=data_folder,
            config=config,
        ),
        progress=progress,
        cancel=cancel,
    )


def asked(
    data_type: str,
    start: Date,
    end: Date | None,
    symbols: Symbols,
    *,
    incremental: bool,
    source: FlatFilesSource | None,
    data_folder: Folder | None,
    config: Folder | None,
) -> dict[str, Any]:
    """What :func:`leanfeed.ensure` is asked for, as its keywords."""
    ready = source and flat_files(source, data_folder=data_folder, config=config)
    kind = DataType.parse(data_type)
    first = parse_date(start)
    last = None if end is None else parse_date(end)
    return {
        "symbols": symbols,
        "resolution": kind.resolution,
        "security_type": kind.security_type.value,
        "start": first,
        "end": last,
        "refresh": "changed" if incremental else f"{first}..{last or dt.date.max}",
        "sources": [ready or NAME],
        "data_folder": data_folder if ready is None else ready.data_folder,
        "config": config,
    }


def get_ingestion_status(
    data_type: str,
    date: Date,
    *,
    data_folder: Folder | None = None,
    config: Folder | None = None,
) -> IngestionStatus:
    """What has become of the file of one day, by the ledger; nobody is asked."""
    kind, day = DataType.parse(data_type), parse_date(date)
    file = _log(data_folder, config).files(kind).get(day, Ingested())
    return IngestionStatus(kind, day, _state(file), file)


def get_statistics(
    data_type: str | None = None,
    *,
    data_folder: Folder | None = None,
    config: Folder | None = None,
) -> IngestionStatistics:
    """What was taken of the files of one kind, or of all, by the ledger; nobody is asked."""
    log = _log(data_folder, config)
    kinds = DataType if data_type is None else [DataType.parse(data_type)]
    files = [pair for kind in kinds for pair in log.files(kind).items()]
    known, dates = [file for _, file in files], [date for date, file in files if file.is_sound]
    return IngestionStatistics(
        ingested=len(dates),
        failed=len(known) - len(dates),
        downloads=sum(file.downloads for file in known),
        errors=sum(file.errors for file in known),
        bytes=sum(file.bytes for file in known),
        records=sum(file.records for file in known),
        seconds=sum(file.seconds for file in known),
        first=min(dates, default=None),
        last=max(dates, default=None),
    )


def get_missing_dates(
    data_type: str,
    start: Date,
    end: Date | None = None,
    *,
    data_folder: Folder | None = None,
    config: Folder | None = None,
) -> tuple[dt.date, ...]:
    """Business days whose file should be there by now, and was not taken in; nobody is asked.

    Whether the bucket has them says :meth:`~leanfeed_flatfiles.FlatFileCatalog.missing`.
    """
    kind = DataType.parse(data_type)
    source = flat_files(data_folder=data_folder, config=config)
    files = _log(data_folder, config).files(kind)
    return tuple(
        day
        for day in business_days(kind, source, *window(start, end))
        if is_due(day) and not files.get(day, Ingested()).is_sound
    )


def statuses(
    data_type: DataType, *, data_folder: Folder | None, config: Folder | None
) -> Iterable[IngestionStatus]:
    """Every file of a kind that anybody has asked for."""
    for date, file in _log(data_folder, config).files(data_type).items():
        yield IngestionStatus(data_type, date, _state(file), file)


def _log(data_folder: Folder | None, config: Folder | None) -> IngestionLog:
    log = flat_files(data_folder=data_folder, config=config).log
    assert log is not None  # the configuration always has a data folder
    return log


def _state(file: Ingested) -> IngestionState:
    if file.is_sound:
        return IngestionState.INGESTED
    return IngestionState.FAILED if file.error else IngestionState.NOT_INGESTED
