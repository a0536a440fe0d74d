"""The files that LEAN wanted and did not find, line by line as it lists them after a backtest."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import PurePosixPath

from attrs import frozen

from leanfeed.errors import DamagedFileError
from leanfeed.lean.paths import parse_path
from leanfeed.values import SecurityType, Series, TickType

__all__ = ["FailedRequest", "parse_failed_request"]

#: Folders of files that are read before any bar, to choose symbols.
_UNIVERSES = {"coarse", "fundamental", "universes"}
_MAPS = {"map_files", "factor_files"}


@frozen
class FailedRequest:
    """One file that LEAN wanted."""

    #: The line, without what a terminal would not show.
    line: str
    #: What the file would hold; None when it is nothing that leanfeed can fetch.
    series: Series | None = None
    #: The trading day; None for hour and daily bars, of which one file holds all days.
    day: dt.date | None = None
    #: Why leanfeed cannot fetch it; empty when it can.
    unsupported: str = ""


def parse_failed_request(line: str) -> FailedRequest:
    """Understand one line of ``failed-data-requests-….txt``.

    LEAN's ``Common/Data/DataMonitor.cs`` writes the path that it wanted, without the text of its
    setting ``data-folder`` at the beginning: a slash is left over when that does not end with one,
    and separators are the system's. Where it could not take the folder off, the path up to a folder
    named ``data`` is. What is filled after a backtest is trade bars of US equities.
    """
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in line.strip())
    text = shown.partition("#")[0].replace("\\", "/")
    parts = [part for part in text.split("/") if part not in ("", ".")]
    tail = _tail(parts)
    if "://" in text or not _is_data_folder(parts[: len(parts) - len(tail)]):
        return FailedRequest(shown, unsupported="no file of a data folder")
    reason = _unsupported(tail)
    if reason:
        return FailedRequest(shown, unsupported=reason)
    try:
        series, day = parse_path(PurePosixPath(*tail))
    except DamagedFileError:
        return FailedRequest(shown, unsupported="no file of bars")
    if series.tick_type is TickType.QUOTE:
        return FailedRequest(shown, unsupported="leanfeed fetches trade bars, no quotes")
    return FailedRequest(shown, series, day)


def _tail(parts: Sequence[str]) -> list[str]:
    """The part of the path that lies in the data folder, if it is one of bars."""
    for length, at in ((5, -3), (4, -2)):
        is_resolution = len(parts) >= length and parts[at].lower() in _RESOLUTIONS[length]
        if is_resolution and parts[-length].lower() in list(SecurityType):
            return list(parts[-length:])
    return list(parts)


#: How many parts the path of a file of bars has, by resolution.
_RESOLUTIONS = {5: ("tick", "second", "minute"), 4: ("hour", "daily")}


def _is_data_folder(prefix: Sequence[str]) -> bool:
    return not prefix or prefix[-1].lower() == "data"


def _unsupported(parts: Sequence[str]) -> str:
    """Why no file of this kind can be fetched; empty when it may be possible."""
    names = [part.lower() for part in parts]
    if _MAPS.intersection(names):
        return "leanfeed makes no map files and no factor files"
    if _UNIVERSES.intersection(names):
        return "leanfeed fetches bars, no universes"
    kind, market, resolution = (*names, "", "", "")[:3]
    if kind in list(SecurityType) and kind != SecurityType.EQUITY:
        return f"leanfeed fills equities after a backtest, not the type {kind}"
    if kind == SecurityType.EQUITY and market != "usa":
        return "leanfeed fetches US equities only"
    if resolution == "tick":
        return "leanfeed fetches bars, no ticks"
    return ""
