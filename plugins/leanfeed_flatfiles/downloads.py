"""What becomes of a flat file that was asked for: it lies on this machine, or is not to be had."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from attrs import frozen

from leanfeed_flatfiles.data_types import DataType

__all__ = ["Absence", "Downloaded", "Downloading", "Unavailable", "identity"]


class Absence(StrEnum):
    """Why there is no file of a date."""

    #: It is not published yet.
    PENDING = "pending"
    #: The provider has none.
    MISSING = "missing"
    #: It is there, and the plan of the keys does not include it.
    FORBIDDEN = "forbidden"
    #: It is there, and did not come through, after all tries.
    FAILED = "failed"


@frozen
class Downloaded:
    """A flat file that lies whole on disk, until the next one is asked for."""

    date: dt.date
    path: Path
    key: str
    etag: str
    size: int
    last_modified: dt.datetime
    #: Bytes that came for it now; the rest was on this machine.
    came: int = 0
    #: From the moment it was asked for until it was whole.
    seconds: float = 0.0

    @property
    def identity(self) -> str:
        """What tells it from other versions; a session keeps it as its request id."""
        return identity(self.key, self.etag, self.size)


@frozen
class Unavailable:
    """A date without a file, and why."""

    date: dt.date
    key: str
    kind: Absence
    #: A sentence that says so, and what to do.
    reason: str


class Downloading(Protocol):
    """Brings flat files to this machine."""

    def download(
        self, data_type: DataType, dates: Iterable[dt.date]
    ) -> Iterator[Downloaded | Unavailable]:
        """Yield one word for every date, oldest first, a few files ahead of who reads them.

        Whoever asks for the next one is done with the file of the one before.

        Raises:
            SourceError: the server cannot be asked, or its answer cannot be trusted.
        """
        ...


def identity(key: str, etag: str, size: int) -> str:
    """What tells an object from other versions of it, as one text; the key where nothing does."""
    return f"{key} {etag} {size}" if etag else key
