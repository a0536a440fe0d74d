"""LEAN's own zips on disk, each replaced whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path, PurePosixPath
from time import monotonic

from leanfeed.default_plugins.chain_zips import write_chain
from leanfeed.default_plugins.folders import Folders
from leanfeed.default_plugins.safe_files import Durability
from leanfeed.default_plugins.session_zips import write_session
from leanfeed.default_plugins.shared_zips import merge_sessions
from leanfeed.default_plugins.year_zips import merge_chains
from leanfeed.flight import in_order
from leanfeed.lean.paths import zip_path
from leanfeed.scarcity import may_open_many_files
from leanfeed.values import Delivery, Series, Written

__all__ = ["store"]

#: In a long run shared files are merged so often, in seconds: a run that is killed loses no more.
_MERGE_EVERY = 60.0
#: Sessions that are written at a time. A disk flushes several files in hardly more time than one.
WRITERS = 4


def store(
    deliveries: Iterable[Delivery], data_folder: Path, durability: Durability
) -> Iterator[Written]:
    """Write minute and second zips as their sessions arrive, hour and daily zips at the end.

    Raises:
        WriteError: the disk refused. What was confirmed before stands.
    """
    write = partial(_written, folders=Folders(data_folder), durability=durability)
    parts = in_order(
        write,
        _parts(deliveries),
        threads=WRITERS if may_open_many_files() else 1,
        name="leanfeed-writer",
        lets_finish=True,
        is_idle=lambda: bool(getattr(deliveries, "is_idle", False)),
    )
    with closing(parts):
        for written in parts:
            yield from written


def _parts(deliveries: Iterable[Delivery]) -> Iterator[list[Delivery]]:
    """What is written together: a session, or those of one hour or daily zip."""
    shared: dict[tuple[Series, PurePosixPath], list[Delivery]] = {}
    merged_at = monotonic()
    for delivery in deliveries:
        if delivery.series.resolution.is_file_per_session:
            yield [delivery]
            continue
        path = zip_path(delivery.series, delivery.session.date)
        shared.setdefault((delivery.series, path), []).append(delivery)
        if monotonic() - merged_at > _MERGE_EVERY:
            yield from shared.values()
            shared = {}
            merged_at = monotonic()
    yield from shared.values()


def _written(part: list[Delivery], folders: Folders, durability: Durability) -> list[Written]:
    if part[0].series.resolution.is_file_per_session:
        write = write_chain if part[0].series.is_chain else write_session
        return [write(delivery, folders, durability) for delivery in part]
    merge = merge_chains if part[0].series.is_chain else merge_sessions
    return merge(part, folders, durability)
