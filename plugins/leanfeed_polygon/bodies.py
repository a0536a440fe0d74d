"""The body of an HTTP answer: whole, inflated and bounded in size."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from leanfeed import deflate
from leanfeed.errors import ContractError, UnavailableError

__all__ = ["CHUNK", "read_body"]

#: A full page of 50,000 aggregates is 6 MB; five bodies may be read at a time.
_LARGEST = 16 * 2**20
#: So many bytes are read at a time, and so many inflated at the most.
CHUNK, _STEP = 2**16, 2**20


def read_body(chunks: Iterable[bytes], *, encoding: str) -> bytes:
    """Inflate the body of a response that urllib3 has not decoded, as it comes over the wire.

    urllib3's own decoding takes a gzip stream that is cut short for whole, and has no bound.

    Raises:
        UnavailableError: the body is damaged or cut short.
        ContractError: it is too large, or in an encoding that was not asked for.
    """
    if encoding not in ("gzip", "identity"):
        raise ContractError("Polygon's answer is encoded in a way nobody asked for. Run again.")
    parts: list[bytes] = []  # joined at the end: who appends to what he has moves it each time
    size = 0
    for part in _inflated(chunks) if encoding == "gzip" else chunks:
        parts.append(part)
        size += len(part)
        if size > _LARGEST:
            raise ContractError(
                f"Polygon's answer is larger than {_LARGEST >> 20} MB, no page is. "
                "Check what proxy stands between."
            )
    return b"".join(parts)


def _inflated(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Inflate one gzip stream, in steps: a chunk may inflate to a thousand times its size."""
    stream = deflate.inflating_gzip()
    for chunk in chunks:
        rest, content = chunk, b""
        while rest or (len(content) == _STEP and not stream.eof):
            if stream.eof:  # it would grow for as long as the server sends
                raise UnavailableError("Polygon's answer goes on after its end. Run again.")
            try:
                content = stream.decompress(rest, _STEP)
            except deflate.DeflateError:
                raise UnavailableError("Polygon's answer is damaged. Run again.") from None
            yield content
            rest = stream.unused_data or stream.unconsumed_tail
    if not stream.eof:
        raise UnavailableError("Polygon's answer was cut short. Run again.")
