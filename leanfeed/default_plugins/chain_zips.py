"""A minute or second zip of options holds one session of a chain and is replaced whole."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from attrs import frozen

from leanfeed.default_plugins.disk_errors import explained
from leanfeed.default_plugins.folders import Folders
from leanfeed.default_plugins.held import confirm_rows, is_shrunk
from leanfeed.default_plugins.merge_loop import version_and_stamp
from leanfeed.default_plugins.quarantine import QUARANTINE, keep_aside
from leanfeed.default_plugins.safe_files import Durability, staged_bytes
from leanfeed.errors import DamagedFileError
from leanfeed.lean import paths
from leanfeed.lean.chains import chain_of, chain_texts, sound_texts
from leanfeed.lean.many_zip import packed, packed_entries, zip_of_many
from leanfeed.ledger import Digest
from leanfeed.ledger.chain_digests import of_session
from leanfeed.options import ChainBars
from leanfeed.values import Delivery, Series, Written

__all__ = ["write_chain"]

_NOTHING = Digest(0, 0)


@frozen
class _Held:
    """What stood under the name of the zip."""

    #: By the names of the entries; none of a damaged zip.
    texts: Mapping[str, bytes]
    #: Of all entries, also of those that LEAN never asks for.
    names: frozenset[str] = frozenset()
    is_damaged: bool = False

    @property
    def digest(self) -> Digest:
        """Of its rows."""
        return of_session(self.texts.items()) if self.texts else _NOTHING


def write_chain(delivery: Delivery, folders: Folders, durability: Durability) -> Written:
    """Store one session. Without bars it leaves a sound file as it is, and no damaged one.

    Raises:
        WriteError: the system refuses, the file lies outside the data folder, or the disk does not
            keep it. What stood there still does.
    """
    assert isinstance(delivery.bars, ChainBars)
    path = paths.zip_path(delivery.series, delivery.session.date)
    target = folders.data_folder / path
    with explained(target):
        is_there = folders.enter(path)
        old = _held(target, delivery.series, delivery.session.date) if is_there else _Held({})
        if not len(delivery.bars):
            return _left(delivery, folders, path, old, durability)
        return _stored(delivery, delivery.bars, folders, path, old, durability)


def _stored(
    delivery: Delivery,
    chain: ChainBars,
    folders: Folders,
    path: PurePosixPath,
    old: _Held,
    durability: Durability,
) -> Written:
    series, session = delivery.series, delivery.session
    texts = chain_texts(chain, series, session.time_zone, session.date)
    if not old.is_damaged and old.texts == texts:  # replacing a file costs: never for nothing
        return _same(delivery, path, old)
    before, after = old.digest, of_session(texts.items())
    data = zip_of_many({name: packed(text) for name, text in texts.items()})
    target = folders.data_folder / path
    kept_aside = ""
    with staged_bytes(target, data, durability) as staging:
        is_smaller = is_shrunk(before.rows, after.rows) or not old.names <= texts.keys()
        if delivery.replaces_damaged or old.is_damaged or is_smaller:
            folders.enter(QUARANTINE / path)
            kept_aside = keep_aside(folders.data_folder, path, durability=durability)
        staging.put()
    _, stamp = version_and_stamp(target)
    return confirm_rows(
        delivery,
        str(path),
        before=before.rows,
        after=after.rows,
        is_changed=not _are_same(old.texts, texts, delivery),
        bytes_written=len(data),
        kept_aside=kept_aside,
        size=stamp.size,
        changed_ns=stamp.changed_ns,
        crc=after.crc,
    )


def _left(
    delivery: Delivery, folders: Folders, path: PurePosixPath, old: _Held, durability: Durability
) -> Written:
    """An empty answer costs no bars that are on disk: providers lose data, too."""
    if not old.is_damaged:
        return _same(delivery, path, old)
    folders.enter(QUARANTINE / path)
    kept_aside = keep_aside(folders.data_folder, path, by_move=True, durability=durability)
    return confirm_rows(
        delivery, str(path), before=0, after=0, is_changed=False, kept_aside=kept_aside
    )


def _same(delivery: Delivery, path: PurePosixPath, old: _Held) -> Written:
    rows = old.digest.rows
    return confirm_rows(delivery, str(path), before=rows, after=rows, is_changed=False)


def _held(target: Path, series: Series, day: dt.date) -> _Held:
    try:
        return _Held(dict(sound_texts(target, series, day)), frozenset(packed_entries(target)))
    except FileNotFoundError:
        return _Held({}, is_damaged=target.is_symlink())  # a link to nowhere
    except DamagedFileError:
        return _Held({}, is_damaged=True)


def _are_same(old: Mapping[str, bytes], new: Mapping[str, bytes], delivery: Delivery) -> bool:
    """Whether they are the same bars: another program may have spelt a number otherwise."""
    if old.keys() != new.keys():
        return False
    session = delivery.session
    here, there = (
        chain_of(dict(sorted(texts.items())), delivery.series, session.time_zone, session.date)
        for texts in (old, new)
    )
    return here == there
