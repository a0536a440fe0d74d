"""LEAN's own zips on disk, each replaced whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from time import monotonic

from leanfeed.default_plugins.disk_errors import explained
from leanfeed.default_plugins.folders import Folders
from leanfeed.default_plugins.safe_files import Durability
from leanfeed.default_plugins.session_zips import write_session
from leanfeed.default_plugins.shared_zips import merge_sessions
from leanfeed.lean import paths
from leanfeed.values import Delivery, Series, Written

__all__ = ["store"]

#: In a long run shared files are merged so often, in seconds: a run that is killed loses no more.
_MERGE_EVERY = 60.0


def store(
    deliveries: Iterable[Delivery], data_folder: Path, durability: Durability
) -> Iterator[Written]:
    """Write minute and second zips as their sessions arrive, hour and daily zips at the end.

    Raises:
        WriteError: the disk refused. What was confirmed before stands.
    """
    folders = Folders(data_folder)
    shared: dict[Series, list[Delivery]] = {}
    merged_at = monotonic()
    for delivery in deliveries:
        if delivery.series.resolution.is_file_per_session:
            path = paths.zip_path(delivery.series, delivery.session.date)
            with explained(data_folder / path):
                written = write_session(delivery, folders, durability)
            yield written
            continue
        shared.setdefault(delivery.series, []).append(delivery)
        if monotonic() - merged_at > _MERGE_EVERY:
            yield from _merge_all(shared, folders, durability)
            merged_at = monotonic()
    yield from _merge_all(shared, folders, durability)


def _merge_all(
    shared: dict[Series, list[Delivery]], folders: Folders, durability: Durability
) -> Iterator[Written]:
    for series, sessions in shared.items():
        with explained(folders.data_folder / paths.zip_path(series)):
            merged = merge_sessions(sessions, folders, durability)
        yield from merged
    shared.clear()
