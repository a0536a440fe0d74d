"""A minute or second zip holds one session and is replaced whole."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

from leanfeed.default_plugins.disk_errors import explained
from leanfeed.default_plugins.folders import Folders
from leanfeed.default_plugins.held import (
    NOTHING,
    Held,
    confirm,
    held,
    is_shrunk,
    row_count,
)
from leanfeed.default_plugins.quarantine import QUARANTINE, keep_aside
from leanfeed.default_plugins.safe_files import Durability, staged_bytes, stamp_of_new
from leanfeed.lean import lines, paths, zips
from leanfeed.lean.plain_zip import checksum_in
from leanfeed.values import Delivery, Written

__all__ = ["write_session"]


def write_session(delivery: Delivery, folders: Folders, durability: Durability) -> Written:
    """Store one session. Without bars it leaves a sound file as it is, and no damaged one.

    Raises:
        WriteError: the system refuses, the file lies outside the data folder, or the disk does not
            keep it. What stood there still does.
    """
    path = paths.zip_path(delivery.series, delivery.session.date)
    target = f"{folders.data_folder}{os.sep}{path}"
    with explained(target):
        old = held(Path(target), delivery.series) if folders.enter(path) else NOTHING
        if not len(delivery.bars):
            return _left(delivery, folders, path, old, durability)
        return _stored(delivery, folders, path, old, durability)


def _stored(
    delivery: Delivery, folders: Folders, path: PurePosixPath, old: Held, durability: Durability
) -> Written:
    series, session = delivery.series, delivery.session
    name = paths.entry_name(series, session.date)
    text = lines.format_bars(delivery.bars, series, session.time_zone)
    rows = len(delivery.bars)
    before = b"" if old.is_damaged else old.text
    if old.is_exactly(name, text):  # replacing a file costs: never for nothing
        return confirm(delivery, str(path), before=before, after=text, rows=rows)
    data = zips.zip_bytes(name, text)
    target = f"{folders.data_folder}{os.sep}{path}"
    kept_aside = ""
    with staged_bytes(target, data, durability) as staging:
        is_smaller = is_shrunk(row_count(before), rows)
        if delivery.replaces_damaged or old.is_damaged or is_smaller:
            folders.enter(QUARANTINE / path)
            kept_aside = keep_aside(folders.data_folder, path, durability=durability)
        staging.put()
    stamp = stamp_of_new(target)
    return confirm(
        delivery,
        str(path),
        before=before,
        after=text,
        rows=rows,
        bytes_written=len(data),
        kept_aside=kept_aside,
        size=stamp.size,
        changed_ns=stamp.changed_ns,
        crc=checksum_in(data) or 0,
    )


def _left(
    delivery: Delivery, folders: Folders, path: PurePosixPath, old: Held, durability: Durability
) -> Written:
    """An empty answer costs no bars that are on disk: providers lose data, too."""
    if not old.is_damaged:
        text = old.text
        return confirm(delivery, str(path), before=text, after=text, rows=row_count(text))
    folders.enter(QUARANTINE / path)
    kept_aside = keep_aside(folders.data_folder, path, by_move=True, durability=durability)
    return confirm(delivery, str(path), before=b"", after=b"", rows=0, kept_aside=kept_aside)
