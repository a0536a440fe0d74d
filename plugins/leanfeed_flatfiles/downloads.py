"""Flat files brought to this machine, day by day, a few at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from attrs import frozen

if TYPE_CHECKING:
    from leanfeed_flatfiles.data_types import DataType

__all__ = ["Absence", "Downloaded", "Downloading", "Unavailable"]


class Absence(StrEnum):
    """Why there is no file of a date."""

    #: It is not published yet.
    PENDING = "pending"
    #: The provider has none.
    MISSING = "missing"
    #: It is there, and the plan of the key does not include it.
    FORBIDDEN = "forbidden"


@frozen
class Downloaded:
    """A flat file that lies whole on disk, until the next one is asked for."""

    date: dt.date
    path: Path
    key: str
    etag: str
    size: int
    last_modified: dt.datetime


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
