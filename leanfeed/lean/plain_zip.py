"""The plainest zip there is, the one that leanfeed writes: a single deflated entry."""

from __future__ import annotations

import re
import stat
from struct import Struct

from leanfeed import deflate

__all__ = ["HEADER", "LARGEST", "checksum_in", "entry_in", "zip_of"]

#: Larger contents are left to the standard library, which reads them piece by piece.
LARGEST = 64 * 1024 * 1024

# Headers of APPNOTE.TXT 4.3.7, 4.3.12 and 4.3.16.
LOCAL = Struct("<4s5H3L2H")
CENTRAL = Struct("<4s2B5H3L5H2L")
END = Struct("<4s4H2LH")

#: So many bytes stand before the name of the first entry.
HEADER = LOCAL.size

VERSION = 20
UNIX = 3
_DEFLATED = 8
_STREAMED, UTF_8 = 0x8, 0x800
#: The first of January 1980, 00:00: a zip is the same on every day.
TIME, DATE = 0, 0x21
MODE = (stat.S_IFREG | 0o644) << 16

#: Names that the standard library does not take as they are.
ODD = re.compile(rb"[^!-~]|[/\\\\]")


def zip_of(name: str, content: bytes) -> bytes:
    """A zip with one entry."""
    parts = _around(
        name.encode(),
        deflate.deflated(content),
        checksum=deflate.checksum(content),
        size=len(content),
    )
    return b"".join(parts)


def entry_in(data: bytes, *, largest: int = LARGEST) -> tuple[str, bytes] | None:
    """Name and content of the entry; None for any other zip, and for what is damaged.

    Every byte counts: it is what :func:`zip_of` makes of this entry, but for the way to compress.
    """
    if len(data) < LOCAL.size + CENTRAL.size + END.size:
        return None
    *_, central_size, central, _ = END.unpack_from(data, len(data) - END.size)
    if central + central_size + END.size != len(data) or central_size < CENTRAL.size:
        return None
    name = data[central + CENTRAL.size : central + central_size]
    packed = data[LOCAL.size + len(name) : central]
    size = CENTRAL.unpack_from(data, central)[10]
    try:
        content = deflate.inflated(packed, size) if size <= largest else b""
    except (deflate.DeflateError, ValueError):
        return None
    is_known = name.isascii() and not ODD.search(name)
    checksum = deflate.checksum(content)
    if not is_known or data != b"".join(_around(name, packed, checksum=checksum, size=size)):
        return None
    return name.decode(), content


def checksum_in(start: bytes) -> int | None:
    """The checksum of the first entry, by its first :data:`HEADER` bytes; None when it is later."""
    if len(start) < HEADER:
        return None
    signature, _, flags, *_, checksum, _, _, _, _ = LOCAL.unpack_from(start)
    return int(checksum) if signature == b"PK\3\4" and not flags & _STREAMED else None


def _around(name: bytes, packed: bytes, *, checksum: int, size: int) -> tuple[bytes, ...]:
    """The parts of a zip; checksum and size are those of the content."""
    flags = 0 if name.isascii() else UTF_8
    sizes = (checksum, len(packed), size)
    about = (flags, _DEFLATED, TIME, DATE, *sizes, len(name))
    local = LOCAL.pack(b"PK\3\4", VERSION, *about, 0)
    central = CENTRAL.pack(b"PK\1\2", VERSION, UNIX, VERSION, *about, 0, 0, 0, 0, MODE, 0)
    start = len(local) + len(name) + len(packed)
    end = END.pack(b"PK\5\6", 0, 0, 1, 1, len(central) + len(name), start, 0)
    return local, name, packed, central, name, end
