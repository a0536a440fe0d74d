"""The zip around the text: written the same way every time, read without trusting it."""

from __future__ import annotations

import errno
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from leanfeed.errors import DamagedFileError
from leanfeed.lean.plain_zip import LARGEST, entry_in, zip_of

__all__ = ["BROKEN_ZIP", "entries", "entry_text", "zip_bytes"]

#: The largest content that is read: more than any day of ticks, less than a zip bomb.
_SIZE_LIMIT = 512 * 1024 * 1024

_ENCRYPTED = 0x1

_READABLE = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)

#: What the standard library raises for bytes that are no zip, or one that was cut or altered.
BROKEN_ZIP = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    IndexError,  # an entry without a name
    NotImplementedError,
    RuntimeError,
    ValueError,
)


def zip_bytes(entry_name: str, text: bytes) -> bytes:
    """A zip with one entry. On one system the same input always gives the same bytes."""
    return zip_of(entry_name, text)


def entry_text(path: Path) -> bytes:
    """The content of the first entry, whatever its name: the one that LEAN reads.

    Raises:
        OSError: the system refuses the file, or there is none.
        DamagedFileError: it is no zip, was cut or altered, has no entry, is
            encrypted, or holds more than 512 MB.
    """
    if plain := _plain(path):
        return plain[1]
    with _opened(path) as archive:
        return _content(archive, _files(archive)[0], limit=_SIZE_LIMIT)


def entries(path: Path, *, limit: int | None = None) -> dict[str, bytes]:
    """The content of every entry by its name, in the order of the zip; of equal names the first.

    Args:
        path: the zip.
        limit: bytes of all entries together; 512 MB unless given.

    Raises:
        OSError, DamagedFileError: as for :func:`entry_text`, with that limit.
    """
    if plain := _plain(path):
        return dict([plain])
    contents: dict[str, bytes] = {}
    left = _SIZE_LIMIT if limit is None else limit
    with _opened(path) as archive:
        for info in _files(archive):
            if info.filename not in contents:
                contents[info.filename] = _content(archive, info, limit=left)
                left -= info.file_size
    return contents


def _plain(path: Path) -> tuple[str, bytes] | None:
    """The only entry of a sound zip such as leanfeed writes: by far the fastest way to it."""
    status = path.stat()
    # Opening a FIFO would wait for its other end.
    if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST:
        return None
    return entry_in(path.read_bytes())


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise _damaged(path, "it is not a regular file")
        with zipfile.ZipFile(path) as archive:
            yield archive
    except BROKEN_ZIP as error:
        raise _damaged(path, f"it is not a sound zip ({error})") from error
    except OSError as error:
        if error.errno != errno.EINVAL:  # a wrong offset in the zip leads there
            raise
        raise _damaged(path, "it is not a sound zip") from error


def _files(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    files = [info for info in archive.infolist() if not info.is_dir()]
    if not files:
        raise zipfile.BadZipFile("no entries")
    return files


def _content(archive: zipfile.ZipFile, info: zipfile.ZipInfo, *, limit: int) -> bytes:
    if info.flag_bits & _ENCRYPTED:
        raise zipfile.BadZipFile("encrypted")
    if info.compress_type not in _READABLE:
        raise zipfile.BadZipFile(f"compression method {info.compress_type}")
    if info.file_size > limit:
        raise zipfile.BadZipFile(f"more than {limit} bytes")
    # Never more than the declared size is inflated: a smaller one fails the checksum.
    content = archive.read(info)
    if len(content) != info.file_size:
        raise zipfile.BadZipFile("the entry was cut")
    return content


def _damaged(path: Path, cause: str) -> DamagedFileError:
    return DamagedFileError(
        f"{path} cannot be read: {cause}. Run `leanfeed repair`, or put a sound copy there."
    )
