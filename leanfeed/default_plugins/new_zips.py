"""Minute and second zips that are new are written several at a time, which is much quicker."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Self

from attrs import frozen

from leanfeed.default_plugins.chain_zips import write_chain
from leanfeed.default_plugins.disk_errors import explained
from leanfeed.default_plugins.durability import Durability
from leanfeed.default_plugins.folders import Folders
from leanfeed.default_plugins.held import confirm
from leanfeed.default_plugins.put_together import put_together
from leanfeed.default_plugins.session_zips import write_session
from leanfeed.errors import ContractError, WriteError
from leanfeed.lean import lines, paths, zips
from leanfeed.lean.plain_zip import checksum_in
from leanfeed.values import Delivery, Written

__all__ = ["write_sessions"]

#: Fewer are written one by one: there is little to be gained.
_SEVERAL = 6


def write_sessions(
    deliveries: Iterable[Delivery], folders: Folders, durability: Durability
) -> Iterator[Written]:
    """Store sessions in their order, those together that follow one another and are new.

    Raises:
        WriteError, ContractError: as for
            :func:`~leanfeed.default_plugins.session_zips.write_session`; the sessions before are
            stored.
    """
    places = (_Place.of(delivery, folders.data_folder) for delivery in deliveries)
    for are_new, group in groupby(places, key=lambda place: _is_new(place, folders)):
        several = list(group)
        if are_new and len(several) >= _SEVERAL:
            yield from _together(several, folders, durability)
        else:
            yield from _one_by_one(several, folders, durability)


@frozen
class _Place:
    """A session and its zip."""

    delivery: Delivery
    #: Relative to the data folder.
    path: str
    target: str

    @classmethod
    def of(cls, delivery: Delivery, data_folder: Path) -> Self:
        path = "/".join(paths.zip_parts(delivery.series, delivery.session.date))
        return cls(delivery, path, f"{data_folder}{os.sep}{path}")


def _is_new(place: _Place, folders: Folders) -> bool:
    """Whether a session has bars, and a place where nothing stands, as far as that is known yet."""
    delivery = place.delivery
    if delivery.series.is_chain or delivery.replaces_damaged or not len(delivery.bars):
        return False
    try:
        return not (folders.was_there(place.path) and folders.enter(place.path))
    except (OSError, WriteError):
        return False  # who writes it alone meets the same, and says so


def _one_by_one(
    places: Iterable[_Place], folders: Folders, durability: Durability
) -> Iterator[Written]:
    for delivery in (place.delivery for place in places):
        write = write_chain if delivery.series.is_chain else write_session
        yield write(delivery, folders, durability)


def _together(
    places: Sequence[_Place], folders: Folders, durability: Durability
) -> Iterator[Written]:
    deliveries = [place.delivery for place in places]
    try:
        texts = lines.format_sessions([(d.bars, d.series, d.session.time_zone) for d in deliveries])
    except ContractError:  # those before it are stored
        yield from _one_by_one(places, folders, durability)
        return
    names = [paths.entry_name(d.series, d.session.date) for d in deliveries]
    contents = [*map(zips.zip_bytes, names, texts)]
    stamps = put_together(
        [(p.target, c) for p, c in zip(places, contents, strict=True)], durability
    )
    stored = 0
    with explained(folders.data_folder):
        for place, text, content, stamp in zip(places, texts, contents, stamps, strict=False):
            stored += 1
            yield confirm(
                place.delivery,
                place.path,
                before=b"",
                after=text,
                rows=len(place.delivery.bars),
                bytes_written=len(content),
                size=stamp.size,
                changed_ns=stamp.changed_ns,
                crc=checksum_in(content) or 0,
            )
    yield from _one_by_one(places[stored:], folders, durability)
