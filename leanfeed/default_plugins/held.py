"""What a zip held before it is written, and what became of a session's rows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from attrs import frozen

from leanfeed.errors import DamagedFileError
from leanfeed.lean import lines, zips
from leanfeed.values import Delivery, Series, Written

__all__ = [
    "NOTHING",
    "Held",
    "confirm",
    "confirm_rows",
    "held",
    "is_shrunk",
    "row_count",
]

#: A file that loses more than this part of its rows is kept aside.
_SHRINKAGE = 0.01


@frozen
class Held:
    """What stood under the name of a zip."""

    #: The text of each entry, in order; of a damaged zip its sound rows, as far as it can be read.
    entries: Mapping[str, bytes]
    is_damaged: bool = False

    @property
    def text(self) -> bytes:
        """The rows that LEAN reads: those of the first entry."""
        return lines.normalised(next(iter(self.entries.values()), b""))

    def is_exactly(self, name: str, text: bytes) -> bool:
        """Whether the zip is sound and holds this entry and nothing else."""
        return not self.is_damaged and self.entries == {name: text}


#: There is no file.
NOTHING = Held({})


def held(target: Path, series: Series) -> Held:
    """Read a zip as far as it can be read; no entries when there is none.

    Raises:
        OSError: the system refuses the file.
    """
    try:
        entries = _entries(target)
        (first, *_) = entries.values()
        is_damaged = not lines.sound_rows(first, series.resolution, series.tick_type)
    except FileNotFoundError:
        return Held({}, is_damaged=target.is_symlink())  # a link to nowhere
    except DamagedFileError:
        is_damaged = True
    if not is_damaged:
        return Held(entries)
    return Held(_sound_entries(target, series), is_damaged=True)


def is_shrunk(before: int, after: int) -> bool:
    """Whether so many rows fewer are worth a second look."""
    return after < before * (1 - _SHRINKAGE)


def row_count(text: bytes) -> int:
    """How many rows a text has that is without a final line end."""
    return text.count(b"\n") + 1 if text else 0


def confirm(
    delivery: Delivery,
    path: str,
    *,
    before: bytes,
    after: bytes,
    rows: int,
    bytes_written: int = 0,
    kept_aside: str = "",
    size: int = 0,
    changed_ns: int = 0,
    crc: int = 0,
) -> Written:
    """What the writer confirms about one session, from the text of its rows before and after.

    Those after are counted already, in `rows`.
    """
    return confirm_rows(
        delivery,
        path,
        before=row_count(before),
        after=rows,
        is_changed=not _are_same(before, after, delivery),
        bytes_written=bytes_written,
        kept_aside=kept_aside,
        size=size,
        changed_ns=changed_ns,
        crc=crc,
    )


def confirm_rows(
    delivery: Delivery,
    path: str,
    *,
    before: int,
    after: int,
    is_changed: bool,
    bytes_written: int = 0,
    kept_aside: str = "",
    size: int = 0,
    changed_ns: int = 0,
    crc: int = 0,
) -> Written:
    """What the writer confirms about one session, from how many rows it had and has."""
    return Written(
        series=delivery.series,
        session=delivery.session,
        source=delivery.source,
        request_id=delivery.request_id,
        rows=after,
        path=path if after or kept_aside else "",
        bytes_written=bytes_written,
        kept_aside=kept_aside,
        rows_before=before or None,
        is_changed=is_changed,
        size=size,
        changed_ns=changed_ns,
        crc=crc,
    )


def _are_same(before: bytes, after: bytes, delivery: Delivery) -> bool:
    """Whether the rows are the same bars: another program may have spelt a number otherwise."""
    if before == after:
        return True
    if not before or not after or row_count(before) != row_count(after):
        return False
    session = delivery.session
    try:
        old, new = (
            lines.parse_bars(text, delivery.series, session.time_zone, day=session.date)
            for text in (before, after)
        )
    except DamagedFileError:
        return False
    return old == new


def _entries(target: Path) -> dict[str, bytes]:
    """All entries of a zip, or the first one, which LEAN reads, when others are damaged."""
    try:
        return zips.entries(target)
    except DamagedFileError:
        return {"": zips.entry_text(target)}


def _sound_entries(target: Path, series: Series) -> dict[str, bytes]:
    try:
        entries = _entries(target)
    except (DamagedFileError, FileNotFoundError):
        return {}
    sound = {name: lines.sound_part(text, series) for name, text in entries.items()}
    return {name: text for name, text in sound.items() if text}
