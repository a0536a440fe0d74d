"""Which sessions were made from another version of a flat file than the bucket has now."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Iterable

from leanfeed.interfaces import Given
from leanfeed_flatfiles.data_types import DataType
from leanfeed_flatfiles.downloads import identity
from leanfeed_flatfiles.listing import Listing

__all__ = ["outdated"]

#: Months that are listed at a time.
_AT_A_TIME = 4

_Day = tuple[DataType, dt.date]


async def outdated(given: Iterable[Given], listing: Listing) -> list[Given]:
    """Those whose file was replaced; one that is not listed any more was not.

    Raises:
        SourceError: the server refuses, or cannot be reached.
    """
    wanted = tuple(given)
    days = {one.request_id: _day(one.request_id) for one in wanted}
    current = await _current({day for day in days.values() if day is not None}, listing)
    stale = {
        request_id
        for request_id, day in days.items()
        if day is not None and current.get(day, request_id) != request_id
    }
    return [one for one in wanted if one.request_id in stale]


async def _current(days: Iterable[_Day], listing: Listing) -> dict[_Day, str]:
    """What each file is now; a month is listed once for all its days."""
    limit = asyncio.Semaphore(_AT_A_TIME)

    async def of(day: _Day) -> tuple[_Day, str] | None:
        data_type, date = day
        async with limit:
            remote = (await listing.month(data_type, date)).get(date)
        return (day, identity(remote.key, remote.etag, remote.size)) if remote else None

    return dict(filter(None, await asyncio.gather(*map(of, days))))


def _day(request_id: str) -> _Day | None:
    """The file that a session was made from; None for another source's, or a file without ETag."""
    key, _, version = request_id.partition(" ")
    found = ((kind, kind.date_of(key)) for kind in DataType)
    return next(((kind, date) for kind, date in found if date is not None and version), None)
