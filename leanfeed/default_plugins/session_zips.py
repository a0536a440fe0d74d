"""A minute or second zip holds one session and is replaced whole."""

from __future__ import annotations

from leanfeed.default_plugins.folders import Folders
from leanfeed.default_plugins.held import Held, check_zip, confirm, held, is_shrunk
from leanfeed.default_plugins.quarantine import QUARANTINE, keep_aside
from leanfeed.default_plugins.safe_files import Durability, staged
from leanfeed.lean import lines, paths, zips
from leanfeed.values import Delivery, Written

__all__ = ["write_session"]


def write_session(delivery: Delivery, folders: Folders, durability: Durability) -> Written:
    """Store one session. Without bars it leaves a sound file as it is, and no damaged one.

    Raises:
        OSError: the system refuses; what stood there still does.
        WriteError: the file lies outside the data folder, or the disk does not keep it.
    """
    path = paths.zip_path(delivery.series, delivery.session.date)
    folders.enter(path)
    old = held(folders.data_folder / path, delivery.series)
    if not len(delivery.bars):
        return _left(delivery, folders, old, durability)
    series, session = delivery.series, delivery.session
    name = paths.entry_name(series, session.date)
    text = lines.format_bars(delivery.bars, series, session.time_zone)
    before = [] if old.is_damaged else old.rows
    after = text.split(b"\n")
    if old.is_exactly(name, text):  # replacing a file costs: never for nothing
        return confirm(delivery, str(path), before=before, after=after)
    data = zips.zip_bytes(name, text)
    kept_aside = ""
    with staged(
        folders.data_folder / path,
        lambda file: file.write(data),
        check=lambda written: check_zip(written, name, text),
        durability=durability,
    ) as staging:
        if delivery.replaces_damaged or old.is_damaged or is_shrunk(len(before), len(after)):
            folders.enter(QUARANTINE / path)
            kept_aside = keep_aside(folders.data_folder, path, durability=durability)
        staging.put()
    return confirm(
        delivery,
        str(path),
        before=before,
        after=after,
        bytes_written=len(data),
        kept_aside=kept_aside,
    )


def _left(delivery: Delivery, folders: Folders, old: Held, durability: Durability) -> Written:
    """An empty answer costs no bars that are on disk: providers lose data, too."""
    path = paths.zip_path(delivery.series, delivery.session.date)
    if not old.is_damaged:
        return confirm(delivery, str(path), before=old.rows, after=old.rows)
    folders.enter(QUARANTINE / path)
    kept_aside = keep_aside(folders.data_folder, path, by_move=True, durability=durability)
    return confirm(delivery, str(path), before=[], after=[], kept_aside=kept_aside)
