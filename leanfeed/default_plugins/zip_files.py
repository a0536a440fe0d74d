"""LEAN's own zips on disk, each replaced whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path, PurePosixPath
from time import monotonic

from leanfeed.default_plugins.folders import Folders
from leanfeed.default_plugins.new_zips import write_sessions
from leanfeed.default_plugins.safe_files import Durability
from leanfeed.default_plugins.shared_zips import merge_sessions
from leanfeed.default_plugins.year_zips import merge_chains
from leanfeed.errors import WriteError
from leanfeed.flight import in_order
from leanfeed.lean.paths import zip_path
from leanfeed.scarcity import may_open_many_files
from leanfeed.values import Delivery, Series, Written

__all__ = ["store"]

#: In a long run shared files are merged so often, in seconds: a run that is killed loses no more.
_MERGE_EVERY = 60.0
#: Threads that write: one works while the other waits for the disk. More would wait for a folder.
WRITERS = 2
#: What a thread is given at a time: so many sessions at the most, or so many bars at the least.
#: Each handing over wakes a thread, and what is handed over waits in memory.
TOGETHER, _ENOUGH = 64, 10_000


def store(
    deliveries: Iterable[Delivery], data_folder: Path, durability: Durability
) -> Iterator[Written]:
    """Write minute and second zips as their sessions arrive, hour and daily zips at the end.

    Raises:
        WriteError: the disk refused. What was confirmed before stands.
    """
    write = partial(_written, folders=Folders(data_folder), durability=durability)

    def is_idle() -> bool:
        return bool(getattr(deliveries, "is_idle", False))

    parts = in_order(
        write,
        _parts(deliveries, is_idle),
        threads=WRITERS if may_open_many_files() else 1,
        name="leanfeed-writer",
        lets_finish=True,
        is_idle=is_idle,
    )
    with closing(parts):
        for written, error in parts:
            yield from written
            if error is not None:
                try:
                    raise error
                finally:
                    del error  # it would hold itself, and what its frames hold, such as a lock


def _parts(deliveries: Iterable[Delivery], is_idle: Callable[[], bool]) -> Iterator[list[Delivery]]:
    """What one thread writes: sessions with a file of their own, or those of one shared file."""
    own: list[Delivery] = []
    bars = 0
    shared: dict[tuple[Series, PurePosixPath], list[Delivery]] = {}
    merged_at = monotonic()
    for delivery in deliveries:
        if delivery.series.resolution.is_file_per_session:
            own.append(delivery)
            bars += len(delivery.bars)
            if len(own) == TOGETHER or bars >= _ENOUGH or is_idle():
                yield own
                own, bars = [], 0
            continue
        path = zip_path(delivery.series, delivery.session.date)
        shared.setdefault((delivery.series, path), []).append(delivery)
        if monotonic() - merged_at > _MERGE_EVERY:
            yield from shared.values()
            shared = {}
            merged_at = monotonic()
    if own:
        yield own
    yield from shared.values()


def _written(
    part: list[Delivery], folders: Folders, durability: Durability
) -> tuple[list[Written], WriteError | None]:
    """What became of a part, up to the error that ended it."""
    written: list[Written] = []
    try:
        if part[0].series.resolution.is_file_per_session:
            written.extend(write_sessions(part, folders, durability))  # as far as it comes
        else:
            merge = merge_chains if part[0].series.is_chain else merge_sessions
            written = merge(part, folders, durability)
    except WriteError as error:
        return written, error
    return written, None
