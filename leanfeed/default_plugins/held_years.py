"""What a year's zip of options held before it is written."""

from __future__ import annotations

from collections.abc import Container, Set
from pathlib import Path

from attrs import Factory, define

from leanfeed.errors import DamagedFileError
from leanfeed.lean import lines
from leanfeed.lean.contract_names import contract_names
from leanfeed.lean.many_zip import Packed, packed, packed_entries, unpacked
from leanfeed.ledger.chain_digests import RowCount
from leanfeed.values import Series

__all__ = ["HeldYear", "held_year"]


@define
class HeldYear:
    """What a zip holds, as far as it can be read."""

    #: Of a damaged entry what is sound of it.
    entries: dict[str, Packed] = Factory(dict)
    #: The rows of the contracts that were asked for, or have rows of the days.
    rows: dict[str, list[bytes]] = Factory(dict)
    #: Of those rows the ones of the days.
    count: RowCount = Factory(RowCount)
    is_damaged: bool = False


def held_year(
    target: Path, series: Series, days: Set[bytes], contracts: Container[str]
) -> HeldYear:
    """Read a zip.

    Args:
        target: the zip; there may be none.
        series: the chain.
        days: spelt as in the rows.
        contracts: the names of entries whose rows are wanted in any case.

    Raises:
        OSError: the system refuses the file.
    """
    held = HeldYear()
    try:
        found = packed_entries(target)
    except FileNotFoundError:
        held.is_damaged = target.is_symlink()  # a link to nowhere
        return held
    except DamagedFileError:
        held.is_damaged = True
        return held
    names = contract_names(series, None)
    for name, entry in found.items():
        held.entries[name] = entry
        if names.fullmatch(name):
            text = _text(name, entry, series, held)
            # A price that reads like a day does no harm.
            if name in contracts or any(day in text for day in days):
                rows = held.rows[name] = text.split(b"\n") if text else []
                held.count.add(name, (row for row in rows if row[:8] in days))
    return held


def _text(name: str, entry: Packed, series: Series, held: HeldYear) -> bytes:
    """The rows of one entry; when it is damaged, what is sound of it takes its place."""
    raw = b""
    try:
        raw = unpacked(entry)
        if lines.sound_rows(raw, series.resolution, series.tick_type):
            return lines.normalised(raw)
    except (DamagedFileError, ValueError):
        pass
    held.is_damaged = True
    sound = lines.sound_part(raw, series)
    del held.entries[name]
    if sound:
        held.entries[name] = packed(sound)
    return sound
