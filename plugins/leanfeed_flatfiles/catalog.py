"""The flat files that there are, and those that there should be."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
from collections.abc import Mapping
from typing import Any

from attrs import frozen

from leanfeed import clock
from leanfeed.dates import Date, parse_date
from leanfeed.errors import InvalidRequestError
from leanfeed.lean.market_hours import market_hours
from leanfeed.values import SecurityType, Symbol
from leanfeed_flatfiles.configured import flat_files
from leanfeed_flatfiles.data_types import DataType
from leanfeed_flatfiles.listing import Listing
from leanfeed_flatfiles.loops import result_of
from leanfeed_flatfiles.publishing import is_due
from leanfeed_flatfiles.source import FlatFilesSource
from leanfeed_flatfiles.store import RemoteObject

__all__ = ["FlatFileCatalog", "FlatFileCoverage", "business_days", "window"]

#: Months that are listed at a time.
_AT_A_TIME = 4
#: Whose hours stand for those of a type.
_USUAL = {SecurityType.INDEX: "SPX"}


@frozen
class FlatFileCoverage:
    """The files of one kind in a window, against the market's calendar."""

    data_type: DataType
    #: First and last day asked for, both inclusive.
    window: tuple[dt.date, dt.date]
    #: The days on which the market traded, as far as they are over.
    business_days: tuple[dt.date, ...]
    #: What the bucket has, by date.
    published: Mapping[dt.date, RemoteObject]

    @property
    def missing(self) -> tuple[dt.date, ...]:
        """Days whose file should be there, and is not."""
        return tuple(day for day in self._lacking if is_due(day))

    @property
    def pending(self) -> tuple[dt.date, ...]:
        """Days whose file is not there, and is not late."""
        return tuple(day for day in self._lacking if not is_due(day))

    @property
    def bytes(self) -> int:
        """How large the files are together."""
        return sum(remote.size for remote in self.published.values())

    @property
    def share(self) -> float:
        """How many of the files that should be there are; 1 where none should be."""
        due = [day for day in self.business_days if is_due(day)]
        return 1 - len(self.missing) / len(due) if due else 1.0

    @property
    def _lacking(self) -> tuple[dt.date, ...]:
        return tuple(day for day in self.business_days if day not in self.published)

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {
            "data_type": self.data_type.value,
            "start": str(self.window[0]),
            "end": str(self.window[1]),
            "business_days": len(self.business_days),
            "bytes": self.bytes,
            "share": self.share,
            "files": [_file_values(day, remote) for day, remote in self.published.items()],
            "missing": [str(day) for day in self.missing],
            "pending": [str(day) for day in self.pending],
        }


class FlatFileCatalog:
    """Knows which flat files there are. It lists the bucket, and downloads nothing.

    Args:
        source: whose bucket and keys; the configuration's unless given.
        data_folder: whose calendar is used, and
        config: which configuration file is read, as for :func:`leanfeed.ensure`.
    """

    def __init__(
        self,
        source: FlatFilesSource | None = None,
        *,
        data_folder: str | os.PathLike[str] | None = None,
        config: str | os.PathLike[str] | None = None,
    ) -> None:
        self._source = flat_files(source, data_folder=data_folder, config=config)

    def key(self, data_type: str, date: Date) -> str:
        """Where the file of a date lies, whether there is one or not."""
        return DataType.parse(data_type).key(parse_date(date))

    def keys(self, data_type: str, start: Date, end: Date | None = None) -> tuple[str, ...]:
        """Where the files of all business days of a window lie."""
        kind = DataType.parse(data_type)
        return tuple(map(kind.key, self.business_days(data_type, start, end)))

    def business_days(
        self, data_type: str, start: Date, end: Date | None = None
    ) -> tuple[dt.date, ...]:
        """The days of a window on which the market traded, none of them in the future."""
        return business_days(DataType.parse(data_type), self._source, *window(start, end))

    def published(
        self, data_type: str, start: Date, end: Date | None = None
    ) -> Mapping[dt.date, RemoteObject]:
        """The files of a window that the bucket has, by date; those beyond the plan included.

        Raises:
            SourceError: the server refuses, or cannot be reached.
        """
        return self.coverage(data_type, start, end).published

    def missing(self, data_type: str, start: Date, end: Date | None = None) -> tuple[dt.date, ...]:
        """Business days of a window whose file should be there, and is not.

        Raises:
            SourceError: the server refuses, or cannot be reached.
        """
        return self.coverage(data_type, start, end).missing

    def coverage(self, data_type: str, start: Date, end: Date | None = None) -> FlatFileCoverage:
        """The files of a window, against the market's calendar.

        Raises:
            InvalidRequestError: there is no such kind of file, or the dates are wrong.
            SourceError: the server refuses, or cannot be reached.
        """
        kind, (first, last) = DataType.parse(data_type), window(start, end)
        days = business_days(kind, self._source, first, last)
        if problem := self._source.problem():
            raise problem
        listing = Listing(self._source.store, self._source.patience)
        found = result_of(_published(listing, kind, first, last))
        return FlatFileCoverage(kind, (first, last), days, found)


def business_days(
    data_type: DataType, source: FlatFilesSource, first: dt.date, last: dt.date
) -> tuple[dt.date, ...]:
    """The days on which the market traded and for which the provider has files at all.

    Raises:
        InvalidRequestError: the calendar does not know the window.
    """
    kind = data_type.security_type
    hours = market_hours(Symbol(_USUAL.get(kind, "SPY"), kind), source.data_folder)
    now = int(clock.now().timestamp() * 1000)
    sessions = hours.sessions(max(first, data_type.first_day or first), last)
    return tuple(session.date for session in sessions if session.regular[-1][1] <= now)


async def _published(
    listing: Listing, kind: DataType, first: dt.date, last: dt.date
) -> Mapping[dt.date, RemoteObject]:
    limit = asyncio.Semaphore(_AT_A_TIME)

    async def of(month: dt.date) -> Mapping[dt.date, RemoteObject]:
        async with limit:
            return await listing.month(kind, month)

    months = []
    month = first.replace(day=1)
    while month <= last:
        months.append(month)
        month = (month + dt.timedelta(days=32)).replace(day=1)
    found: dict[dt.date, RemoteObject] = {}
    for listed in await asyncio.gather(*map(of, months)):
        found |= {date: remote for date, remote in listed.items() if first <= date <= last}
    return dict(sorted(found.items()))


def window(start: Date, end: Date | None) -> tuple[dt.date, dt.date]:
    """First and last day of what is asked for, today at the latest.

    Raises:
        InvalidRequestError: they are no dates, or in the wrong order.
    """
    today = clock.now().date()
    first, last = parse_date(start), today if end is None else parse_date(end)
    if end is not None and last < first:
        raise InvalidRequestError(f"The end {last} lies before the start {first}: exchange them.")
    return first, min(last, today)


def _file_values(day: dt.date, remote: RemoteObject) -> dict[str, Any]:
    return {
        "date": str(day),
        "key": remote.key,
        "size": remote.size,
        "etag": remote.etag,
        "last_modified": remote.last_modified.isoformat(),
    }
