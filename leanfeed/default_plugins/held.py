"""What a zip held before it is written, and what became of a session's rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from attrs import frozen

from leanfeed.errors import DamagedFileError, WriteError
from leanfeed.lean import lines, zips
from leanfeed.values import Delivery, Series, Written

__all__ = ["Held", "check_zip", "confirm", "held", "is_shrunk"]

#: A file that loses more than this part of its rows is kept aside.
_SHRINKAGE = 0.01


@frozen
class Held:
    """What stood under the name of a zip."""

    #: The text of each entry, in order; of a damaged zip its sound rows, as far as it can be read.
    entries: Mapping[str, bytes]
    is_damaged: bool = False

    @property
    def rows(self) -> list[bytes]:
        """The rows that LEAN reads: those of the first entry, without line ends."""
        text = lines.normalised(next(iter(self.entries.values()), b""))
        return text.split(b"\n") if text else []

    def is_exactly(self, name: str, text: bytes) -> bool:
        """Whether the zip is sound and holds this entry and nothing else."""
        return not self.is_damaged and self.entries == {name: text}


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


def check_zip(path: Path, name: str, text: bytes) -> None:
    """Make sure that the bytes on disk are a zip of this one entry, checksum included.

    Raises:
        WriteError: they are not.
        OSError: the system refuses the file.
    """
    try:
        is_whole = zips.entries(path) == {name: text}
    except DamagedFileError:
        is_whole = False
    if not is_whole:
        raise WriteError(
            f"{path.parent} does not keep what is written to it: {name} came back changed. Look at "
            "the disk and at the system's log, and run again; what was written before is safe."
        )


def confirm(
    delivery: Delivery,
    path: str,
    *,
    before: Sequence[bytes],
    after: Sequence[bytes],
    bytes_written: int = 0,
    kept_aside: str = "",
) -> Written:
    """What the writer confirms about one session, from its rows before and after."""
    return Written(
        series=delivery.series,
        session=delivery.session,
        source=delivery.source,
        request_id=delivery.request_id,
        rows=len(after),
        path=path if after or kept_aside else "",
        bytes_written=bytes_written,
        kept_aside=kept_aside,
        rows_before=len(before) or None,
        is_changed=not _are_same(before, after, delivery),
    )


def _are_same(before: Sequence[bytes], after: Sequence[bytes], delivery: Delivery) -> bool:
    """Whether the rows are the same bars: another program may have spelt a number otherwise."""
    if before == after:
        return True
    if len(before) != len(after):
        return False
    session = delivery.session
    try:
        old, new = (
            lines.parse_bars(b"\n".join(rows), delivery.series, session.time_zone, day=session.date)
            for rows in (before, after)
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
