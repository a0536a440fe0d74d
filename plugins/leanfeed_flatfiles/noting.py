"""Writes down in the ledger what came of each flat file, and how long it took."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from time import monotonic

from attrs import define, field

from leanfeed import clock
from leanfeed.errors import SourceError
from leanfeed.ledger import Ingested, IngestionLog
from leanfeed.values import Delivery
from leanfeed_flatfiles.data_types import DataType
from leanfeed_flatfiles.downloads import Absence, Downloaded, Downloading, Unavailable

__all__ = ["Noting"]

_LONGEST = 300
_WRONG = (Absence.FAILED, Absence.FORBIDDEN)


@define(eq=False)
class Noting:
    """Passes files on, and notes each when whoever reads it asks for the next one."""

    downloads: Downloading
    #: None: there is no data folder to keep it in.
    log: IngestionLog | None
    #: Where the reader puts what it cannot use.
    failures: list[SourceError]
    _records: int = field(default=0, init=False)

    def counted(self, deliveries: Iterable[Delivery]) -> Iterator[Delivery]:
        """What is made of the files, counted on its way."""
        for delivery in deliveries:
            self._records += len(delivery.bars)
            yield delivery

    def download(
        self, data_type: DataType, dates: Iterable[dt.date]
    ) -> Iterator[Downloaded | Unavailable]:
        """See :class:`~leanfeed_flatfiles.downloads.Downloading`."""
        for found in self.downloads.download(data_type, dates):
            self._records, before, started = 0, len(self.failures), monotonic()
            yield found
            if self.log is not None and (last := self._last(found, before, started)):
                self.log.add(data_type, found.date, last)

    def _last(
        self, found: Downloaded | Unavailable, before: int, started: float
    ) -> Ingested | None:
        """How it went; None where there was nothing that could go well or wrong."""
        if isinstance(found, Downloaded):
            return self._taken(found, monotonic() - started, self.failures[before:])
        return _failed(found.reason) if found.kind in _WRONG else None

    def _taken(self, file: Downloaded, seconds: float, failed: Iterable[SourceError]) -> Ingested:
        reason = " ".join(map(str, failed))[:_LONGEST]
        return Ingested(
            etag=file.etag,
            size=file.size,
            modified_at=_milliseconds(file.last_modified),
            records=self._records,
            downloads=1,
            errors=1 if reason else 0,
            bytes=file.came,
            seconds=file.seconds + seconds,
            at=_milliseconds(clock.now()),
            error=reason,
        )


def _failed(reason: str) -> Ingested:
    return Ingested(errors=1, at=_milliseconds(clock.now()), error=reason[:_LONGEST])


def _milliseconds(instant: dt.datetime) -> int:
    return int(instant.timestamp() * 1000)
