"""The default writer: LEAN's own zips."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from attrs import define

from leanfeed.values import Delivery, Written

__all__ = ["ZipWriter"]


@define
class ZipWriter:
    """Writes a minute or second zip as its session arrives, an hour or daily zip once at the end.

    A file appears under its final name by an atomic rename, after its bytes are on disk. A damaged
    file is kept under ``.leanfeed/quarantine/`` before the new one takes its place.
    """

    def write(self, deliveries: Iterable[Delivery], data_folder: Path) -> Iterator[Written]:
        """See :class:`~leanfeed.interfaces.LeanWriter`."""
        # Late: a folder that lacks nothing needs neither numpy nor this.
        from leanfeed.default_plugins.zip_files import store

        return store(deliveries, data_folder)
