"""LEAN's own ``market-hours-database.json``, every value checked when it is asked for."""

from __future__ import annotations

import codecs
import datetime as dt
from collections.abc import Callable, Mapping
from functools import partial

import msgspec

from leanfeed.lean.hours_entry import Entry, WrittenEntry, entry_of
from leanfeed.lean.lean_json import without_comments

__all__ = ["read_database"]


class _Generated(msgspec.Struct):
    """What a file of leanfeed's own says about itself."""

    first: dt.date
    last: dt.date


class _File(msgspec.Struct):
    entries: dict[str, msgspec.Raw]
    generated: _Generated | None = None


def read_database(
    content: bytes,
) -> tuple[tuple[dt.date, dt.date] | None, Mapping[str, Callable[[], Entry]]]:
    """The dates between which the file is known to be right, if it says so, and its entries.

    Those are by the keys as the file spells them. Each is understood when it is called, and raises
    a ValueError where it is not what LEAN writes.

    Raises:
        ValueError: the file is not what LEAN writes.
    """
    content = content.removeprefix(codecs.BOM_UTF8)
    try:
        file = _decoded(content)
    except msgspec.MsgspecError as error:
        raise ValueError(str(error)) from None
    horizon = (file.generated.first, file.generated.last) if file.generated else None
    return horizon, {key: partial(_parsed, key, text) for key, text in file.entries.items()}


def _decoded(content: bytes) -> _File:
    try:
        return msgspec.json.decode(content, type=_File)
    except msgspec.DecodeError:
        return msgspec.json.decode(without_comments(content.decode()), type=_File)


def _parsed(key: str, text: msgspec.Raw) -> Entry:
    try:
        return entry_of(key, msgspec.json.decode(text, type=WrittenEntry))
    except msgspec.MsgspecError as error:
        raise ValueError(str(error)) from None
