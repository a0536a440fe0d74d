"""Zips with many entries, as LEAN keeps options: all of it read at once, and without trusting it.

Entries that stay as they are go from zip to zip as they were compressed.
"""

from __future__ import annotations

import errno
import stat
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from struct import Struct

from attrs import frozen

from leanfeed import deflate
from leanfeed.errors import DamagedFileError
from leanfeed.lean.plain_zip import CENTRAL, DATE, END, LOCAL, MODE, TIME, UNIX, UTF_8, VERSION
from leanfeed.lean.zips import BROKEN_ZIP

__all__ = ["Packed", "packed", "packed_entries", "unpacked", "zip_of_many"]

_STORED, _DEFLATED = 0, 8
_ENCRYPTED = 0x1
#: All entries together, inflated: more than any year of options. From so many bytes on bars are
#: never so many times as large as the zip; bombs are.
_SIZE_LIMIT = 1 << 30
_LARGE, _DENSEST = 64 << 20, 100
#: Numbers that are at least so large stand elsewhere (APPNOTE.TXT 4.3.14 to 4.3.16).
_MANY, _FAR = 0xFFFF, 0xFFFF_FFFF
_END_64 = Struct("<4sQ2H2L4Q")
_LOCATOR_64 = Struct("<4sLQL")
_VERSION_64 = 45
#: Name, packed size, size, checksum, compression, flags, and where it stands.
_Place = tuple[str, int, int, int, int, int, int]


@frozen
class Packed:
    """An entry as it stands in a zip."""

    method: int
    checksum: int
    #: Of what it holds.
    size: int
    data: bytes


def packed(content: bytes) -> Packed:
    """A content, compressed."""
    return Packed(_DEFLATED, deflate.checksum(content), len(content), deflate.deflated(content))


def unpacked(entry: Packed) -> bytes:
    """What an entry holds.

    Raises:
        ValueError: it does not hold what its zip says.
    """
    if entry.method == _STORED:
        content = entry.data
    else:
        try:
            content = deflate.inflated(entry.data, entry.size)
        except deflate.DeflateError as error:
            raise ValueError(str(error)) from error
    if len(content) != entry.size or deflate.checksum(content) != entry.checksum:
        raise ValueError("an entry was altered")
    return content


def zip_of_many(entries: Mapping[str, Packed]) -> bytes:
    """A zip with these entries, in the order of their names.

    The same entries give the same bytes; of more than 65,534 it is a Zip64, which LEAN reads, too.
    """
    body: list[bytes] = []
    directory: list[bytes] = []
    at = 0
    for name in sorted(entries):
        entry = entries[name]
        spelt = name.encode()
        flags = 0 if name.isascii() else UTF_8
        sizes = (entry.checksum, len(entry.data), entry.size)
        about = (flags, entry.method, TIME, DATE, *sizes, len(spelt))
        body += (LOCAL.pack(b"PK\3\4", VERSION, *about, 0), spelt, entry.data)
        directory += (
            CENTRAL.pack(b"PK\1\2", VERSION, UNIX, VERSION, *about, 0, 0, 0, 0, MODE, at),
            spelt,
        )
        at += LOCAL.size + len(spelt) + len(entry.data)
    listing = b"".join(directory)
    count = len(entries)
    end: list[bytes] = []
    if count >= _MANY:
        about_64 = (_VERSION_64, _VERSION_64, 0, 0, count, count, len(listing), at)
        end = [
            _END_64.pack(b"PK\6\6", _END_64.size - 12, *about_64),
            _LOCATOR_64.pack(b"PK\6\7", 0, at + len(listing), 1),
        ]
    counts = (min(count, _MANY), min(count, _MANY))
    end.append(END.pack(b"PK\5\6", 0, 0, *counts, len(listing), at, 0))
    return b"".join((*body, listing, *end))


def packed_entries(path: Path) -> dict[str, Packed]:
    """Every entry of a zip by its name, in its order; of equal names the first. Folders are none.

    What the entries hold is not looked at; :func:`unpacked` does.

    Raises:
        OSError: the system refuses the file, or there is none.
        DamagedFileError: it is no zip, was cut or altered, has no entry, has one that is encrypted
            or compressed in a way that LEAN cannot read, or holds more than 1 GB.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise ValueError("it is not a regular file")
        data = path.read_bytes()
        entries: dict[str, Packed] = {}
        total = 0
        for name, length, size, checksum, method, flags, start in _places(path, data):
            if name.endswith("/") or name in entries:
                continue
            total += size
            if flags & _ENCRYPTED or method not in (_STORED, _DEFLATED):
                raise ValueError("an entry is encrypted, or compressed in an odd way")
            if total > _SIZE_LIMIT or (total > _LARGE and total > _DENSEST * len(data)):
                raise ValueError("it holds too much for bars")
            entries[name] = Packed(method, checksum, size, data[start : start + length])
        if not entries:
            raise ValueError("no entries")
    except BROKEN_ZIP as error:
        raise damaged(path, str(error)) from error
    except OSError as error:
        if error.errno != errno.EINVAL:  # a wrong offset in the zip leads there
            raise
        raise damaged(path, "its offsets are wrong") from error
    return entries


def damaged(path: Path, cause: str) -> DamagedFileError:
    """What is said of a zip that cannot be read."""
    return DamagedFileError(
        f"{path} cannot be read: it is not a sound zip ({cause}). Run `leanfeed repair`, or put a "
        "sound copy there."
    )


def _places(path: Path, data: bytes) -> Iterator[_Place]:
    """Where each entry stands, by the directory at the end of the zip."""
    for name, length, size, checksum, method, flags, at in _listed(path, data):
        signature, *_, name_length, extra_length = LOCAL.unpack_from(data, at)
        start = at + LOCAL.size + name_length + extra_length
        if signature != b"PK\3\4" or start + length > len(data):
            raise ValueError("its offsets are wrong")
        yield name, length, size, checksum, method, flags, start


def _listed(path: Path, data: bytes) -> Iterator[_Place]:
    plain = _plain_listing(data)
    if plain is not None:
        yield from plain
        return
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            about = (info.CRC, info.compress_type, info.flag_bits, info.header_offset)
            yield info.filename, info.compress_size, info.file_size, *about


def _plain_listing(data: bytes) -> list[_Place] | None:
    """The directory of a zip without comments and extra fields: ten times as fast as by zipfile."""
    if len(data) < END.size:
        return None
    end = len(data) - END.size
    signature, *disks, here, count, length, at, _ = END.unpack_from(data, end)
    if count == _MANY and end >= _END_64.size + _LOCATOR_64.size:
        end -= _END_64.size + _LOCATOR_64.size
        *_, here, count, length, at = _END_64.unpack_from(data, end)
    if signature != b"PK\5\6" or any(disks) or here != count or at + length != end:
        return None
    found: list[_Place] = []
    for _ in range(count):
        if at + CENTRAL.size > end:
            return None
        (signature, _, _, _, flags, method, _, _, checksum, packed_size, size, name_length, extra,
         comment, _, _, _, offset) = CENTRAL.unpack_from(data, at)  # fmt: skip
        at += CENTRAL.size
        name = data[at : at + name_length]
        at += name_length
        is_far = _FAR in (packed_size, size, offset)
        if signature != b"PK\1\2" or extra or comment or is_far or not name.isascii():
            return None
        found.append((name.decode(), packed_size, size, checksum, method, flags, offset))
    return found if at == end else None
