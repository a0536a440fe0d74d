"""Flat files that are on this machine already, in folders named as in the bucket."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from pathlib import Path

from attrs import frozen

from leanfeed_flatfiles.data_types import DataType
from leanfeed_flatfiles.downloads import Absence, Downloaded, Unavailable

__all__ = ["LocalFiles"]


@frozen
class LocalFiles:
    """Finds files in a folder, and asks nobody: see :class:`~leanfeed_flatfiles.Downloading`."""

    folder: Path

    def download(
        self, data_type: DataType, dates: Iterable[dt.date]
    ) -> Iterator[Downloaded | Unavailable]:
        """The files of the dates; one that is not there is missing."""
        for date in dates:
            key = data_type.key(date)
            path = self.folder / key
            try:
                status = path.stat()
            except OSError:
                reason = f"{key} is not in {self.folder}: put it there, or ask the provider."
                yield Unavailable(date, key, Absence.MISSING, reason)
                continue
            changed = dt.datetime.fromtimestamp(status.st_mtime, dt.UTC)
            yield Downloaded(date, path, key, "", status.st_size, changed)
