"""Flat files brought to this machine, day by day, a few at a time."""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import CancelledError, Future
from pathlib import Path
from time import monotonic

from attrs import define, field, frozen

from leanfeed.errors import ContractError, SourceError
from leanfeed.stopping import on_stop
from leanfeed_flatfiles.data_types import DataType
from leanfeed_flatfiles.downloads import Absence, Downloaded, Unavailable
from leanfeed_flatfiles.fetching import Brought, Fetching
from leanfeed_flatfiles.landing import Landing, sweep
from leanfeed_flatfiles.listing import Listing
from leanfeed_flatfiles.loops import Loop
from leanfeed_flatfiles.patience import Patience
from leanfeed_flatfiles.publishing import due_at, is_due
from leanfeed_flatfiles.refusals import TRANSIENT, AbsentError, ChangedError, ForbiddenError
from leanfeed_flatfiles.store import Store

__all__ = ["RemoteFiles"]

#: How often an object may change while it is fetched.
_VERSIONS = 3


@frozen
class _Failed:
    """A file that did not come through."""

    unavailable: Unavailable
    error: SourceError


@frozen
class _Landed:
    """A file, and what is to be removed when it was read."""

    downloaded: Downloaded
    landing: Landing

    def release(self) -> None:
        if self.downloaded.path != self.landing.kept:
            self.landing.give_back(self.downloaded.path)


_Found = _Landed | _Failed | Unavailable


@define(eq=False)
class RemoteFiles:
    """Fetches files from the bucket: see :class:`~leanfeed_flatfiles.downloads.Downloading`."""

    store: Store
    #: Where they lie.
    folder: Path
    #: How many are being fetched, or lie there and have not been read, at a time.
    concurrency: int = 4
    #: Leave them there when they have been read.
    keep: bool = False
    patience: Patience = field(factory=Patience)

    def download(
        self, data_type: DataType, dates: Iterable[dt.date]
    ) -> Iterator[Downloaded | Unavailable]:
        """Yield one word for every date, oldest first, a few files ahead of who reads them.

        Whoever asks for the next one is done with the file of the one before. A run that is stopped
        ends it early.

        Raises:
            SourceError: the server cannot be asked, or fails for one file after the other.
            WriteError: the disk refused.
        """
        sweep(self.folder)
        listing = Listing(self.store, self.patience)
        fetching = Fetching(self.store, self.folder, self.patience, self.keep)
        ahead: deque[Future[_Found]] = deque()
        left = deque(sorted(set(dates)))
        is_failing = False
        with Loop() as loop, on_stop(loop.cancel):
            try:
                while left or ahead:
                    while left and len(ahead) < self.concurrency:
                        work = self._one(listing, fetching, data_type, left.popleft())
                        ahead.append(loop.start(work))
                    try:
                        found = ahead.popleft().result()
                    except CancelledError:
                        return
                    if isinstance(found, _Failed) and is_failing:
                        raise found.error
                    is_failing = isinstance(found, _Failed)
                    yield from _told(found)
            finally:
                _leave(ahead)

    async def _one(
        self, listing: Listing, fetching: Fetching, data_type: DataType, date: dt.date
    ) -> _Found:
        started, key = monotonic(), data_type.key(date)
        for _ in range(_VERSIONS):
            remote = (await listing.month(data_type, date)).get(date)
            if remote is None:
                return _absent(date, key)
            try:
                brought = await fetching.bring(remote, shard=date.toordinal())
            except ChangedError:
                listing.forget(data_type, date)
            except ForbiddenError as error:
                return Unavailable(date, key, Absence.FORBIDDEN, str(error))
            except (AbsentError, ContractError, *TRANSIENT) as error:
                return _Failed(Unavailable(date, key, Absence.FAILED, str(error)), error)
            else:
                return _landed(date, brought, monotonic() - started)
        restless = ContractError(f"{key} is replaced again and again: run again later.")
        return _Failed(Unavailable(date, key, Absence.FAILED, str(restless)), restless)


def _landed(date: dt.date, brought: Brought, seconds: float) -> _Landed:
    remote = brought.landing.wanted
    file = Downloaded(
        date,
        brought.path,
        remote.key,
        remote.etag,
        remote.size,
        remote.last_modified,
        brought.came,
        seconds,
    )
    return _Landed(file, brought.landing)


def _leave(ahead: Iterable[Future[_Found]]) -> None:
    """Files that came and that nobody reads any more: the next run finds them."""
    for future in ahead:
        if future.done() and not future.cancelled() and future.exception() is None:
            found = future.result()
            if isinstance(found, _Landed):
                found.landing.leave(found.downloaded.path)


def _told(found: _Found) -> Iterator[Downloaded | Unavailable]:
    match found:
        case _Landed():
            try:
                yield found.downloaded
            finally:
                found.release()
        case _Failed():
            yield found.unavailable
        case _:
            yield found


def _absent(date: dt.date, key: str) -> Unavailable:
    if is_due(date):
        reason = f"There is no {key}: the provider has no file of that day."
        return Unavailable(date, key, Absence.MISSING, reason)
    reason = (
        f"{key} is not published yet: it should be there by {due_at(date):%Y-%m-%d %H:%M} in New "
        "York. Run again then."
    )
    return Unavailable(date, key, Absence.PENDING, reason)
