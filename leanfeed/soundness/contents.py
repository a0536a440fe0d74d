"""What a file that should be a zip holds, without trusting it: never blocks, never grows."""

from __future__ import annotations

import datetime as dt
import errno
import stat
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from attrs import Factory, frozen

from leanfeed.errors import DamagedFileError
from leanfeed.lean import zips
from leanfeed.lean.contract_names import contract_names
from leanfeed.lean.many_zip import packed_entries, unpacked
from leanfeed.soundness.kinds import Kind
from leanfeed.stamps import Stamp
from leanfeed.values import Series
from leanfeed.wording import size

__all__ = ["ChainContent", "Content", "Fault", "read", "read_chain", "read_names"]

_CHUNK = 1 << 20
#: More than a day of ticks or quotes, and more than all hours of a century.
_LARGEST_ENTRY, _LARGEST_TEXT = 512 << 20, 64 << 20


@frozen
class Fault:
    """Why a file could not be read."""

    kind: Kind
    text: str


@frozen
class Content:
    """A zip that could be read."""

    #: Of its entries, in its order; folders are left out.
    names: tuple[str, ...]
    #: Of the first entry, which is the one that LEAN reads.
    text: bytes
    #: Of the first entry, as the zip has it.
    crc: int
    #: Of the zip.
    stamp: Stamp


@frozen
class ChainContent(Content):
    """A zip of options that could be read."""

    #: Of the entries that are named for a contract, by their names: those that LEAN may ask for.
    texts: Mapping[str, bytes] = Factory(dict)


def read(path: Path) -> Content | Fault:
    """The first entry of a zip, its checksum verified."""
    return _looked_into(path, lambda archive, files: zips.entry_text(path), limit=_LARGEST_TEXT)


def read_chain(path: Path, series: Series, day: dt.date | None) -> ChainContent | Fault:
    """Every entry of a zip of options, its checksum verified."""
    try:
        stamp = Stamp.of(path.stat())
        packed = packed_entries(path)
        texts = {name: unpacked(entry) for name, entry in packed.items()}
    except DamagedFileError as error:
        return _unreadable(path, error)
    except ValueError as error:
        return Fault(Kind.UNREADABLE, f"it is not a sound zip ({error})")
    except OSError as error:
        return _refused(error)
    named = contract_names(series, day)
    return ChainContent(
        names=tuple(texts),
        text=b"",
        crc=0,
        stamp=stamp,
        texts={name: text for name, text in texts.items() if named.fullmatch(name)},
    )


def read_names(path: Path) -> Content | Fault:
    """Every entry of a zip with many, its checksum verified; the text is left empty.

    Reads entry after entry in small parts: a day of options holds thousands.
    """
    return _looked_into(path, _verified, limit=_LARGEST_ENTRY)


def _looked_into(
    path: Path,
    look: Callable[[zipfile.ZipFile, Sequence[zipfile.ZipInfo]], bytes],
    *,
    limit: int,
) -> Content | Fault:
    """What a zip holds, its text as `look` reads it; no entry may be larger than `limit`."""
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            return Fault(Kind.NOT_A_FILE, "it is no regular file")
        with zipfile.ZipFile(path) as archive:
            files = [info for info in archive.infolist() if not info.is_dir()]
            if not files:
                return Fault(Kind.UNREADABLE, "it has no entries")
            largest = max(info.file_size for info in files)
            if largest > limit:
                return Fault(Kind.UNREADABLE, f"an entry holds {size(largest)}, too much for bars")
            text = look(archive, files)
    except DamagedFileError as error:
        return _unreadable(path, error)
    except zips.BROKEN_ZIP as error:
        return Fault(Kind.UNREADABLE, f"it is not a sound zip ({error})")
    except OSError as error:
        return _refused(error)
    names = tuple(info.filename for info in files)
    return Content(names, text, files[0].CRC, Stamp.of(found))


def _unreadable(path: Path, error: DamagedFileError) -> Fault:
    cause = str(error).removeprefix(f"{path} cannot be read: ").partition(". ")[0]
    return Fault(Kind.UNREADABLE, cause)


def _verified(archive: zipfile.ZipFile, files: Sequence[zipfile.ZipInfo]) -> bytes:
    for info in files:
        with archive.open(info) as entry:
            while entry.read(_CHUNK):
                pass
    return b""


def _refused(error: OSError) -> Fault:
    if isinstance(error, FileNotFoundError):
        return Fault(Kind.NOT_A_FILE, "it is a link to nowhere, or was just removed")
    if error.errno == errno.EINVAL:  # a wrong offset in the zip leads there
        return Fault(Kind.UNREADABLE, "it is not a sound zip")
    return Fault(Kind.REFUSED, error.strerror or type(error).__name__)
