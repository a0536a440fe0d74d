"""The text of a flat file, piece by piece, each of whole lines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from leanfeed import deflate
from leanfeed.errors import ContractError

__all__ = ["pieces"]

#: Bytes that are read of the file at a time, about a fifth of the text that they hold.
_READ = 256 * 1024
#: A line of a flat file has about 60 bytes: what is so much longer is none.
_LONGEST_LINE = 64 * 1024


def pieces(path: Path, *, name: str) -> Iterator[bytes]:
    """The text, each piece ended by a line end. The last line is given one if it lacks it.

    Args:
        path: a gzip file, of one or several members.
        name: of the file, for messages.

    Raises:
        ContractError: it is damaged, was cut short, or holds no text of lines.
    """
    rest = b""
    for text in _inflated(path, name):
        end = text.rfind(b"\n") + 1
        if end:
            yield rest + text[:end]
            rest = text[end:]
        else:
            rest += text
        if len(rest) > _LONGEST_LINE:
            raise ContractError(f"{name} holds no lines of text: fetch it again.")
    if rest:
        yield rest + b"\n"


def _inflated(path: Path, name: str) -> Iterator[bytes]:
    stream = deflate.inflating_gzip()
    is_begun = False
    with path.open("rb") as file:
        while data := file.read(_READ):
            while data:
                try:
                    text = bytes(stream.decompress(data))
                except deflate.DeflateError:
                    raise ContractError(
                        f"{name} is damaged: its gzip stream cannot be read. Fetch it again."
                    ) from None
                is_begun = True
                if text:
                    yield text
                data = b""
                if stream.eof:
                    data, stream, is_begun = stream.unused_data, deflate.inflating_gzip(), False
                    if not data.strip(b"\0"):
                        data = b""  # what pads a file belongs to no member
    if is_begun or not path.stat().st_size:
        raise ContractError(f"{name} was cut short: its gzip stream has no end. Fetch it again.")
