"""Bodies come in chunks of any size, and inflate to the same bytes whoever inflates them."""

from __future__ import annotations

import gzip
import random
import zlib
from collections.abc import Iterator

import pytest
from hypothesis import given, strategies as st

from leanfeed import deflate
from leanfeed.errors import SourceError
from leanfeed_polygon.bodies import CHUNK, read_body


@pytest.fixture(params=["isal", "zlib"], autouse=True)
def engine(request: pytest.FixtureRequest) -> Iterator[None]:
    """With ISA-L, and as where it has no wheel."""
    with pytest.MonkeyPatch.context() as patched:
        if request.param == "zlib":
            patched.setattr(deflate, "_engine", zlib)
            patched.setattr(deflate, "DeflateError", zlib.error)
        yield


def content(seed: int, size: int) -> bytes:
    """Some of it compresses a thousand times, some of it not at all."""
    rng = random.Random(seed)
    return rng.randbytes(size // 2) + bytes(size - size // 2)


@given(st.integers(0, 99), st.integers(0, 3 * CHUNK), st.integers(1, 40_000))
def test_any_chunks(seed: int, size: int, chunk: int) -> None:
    body = content(seed, size)
    packed = gzip.compress(body, 1)
    chunks = [packed[i : i + chunk] for i in range(0, len(packed), chunk)]
    assert read_body([b"", *chunks, b""], encoding="gzip") == body


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 4 * CHUNK])
@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 8, 9, 1000, 10**6])
def test_sizes_at_the_edge(size: int, chunk: int) -> None:
    packed = gzip.compress(bytes(size))
    chunks = [packed[i : i + chunk] for i in range(0, len(packed), chunk)]
    assert read_body(chunks, encoding="gzip") == bytes(size)
    with pytest.raises(SourceError, match="goes on"):
        read_body([*chunks, b"x"], encoding="gzip")
    with pytest.raises(SourceError, match="goes on"):
        read_body([packed + b"x"], encoding="gzip")
    for missing in range(1, 9):
        cut = packed[:-missing]
        with pytest.raises(SourceError, match=r"cut short|damaged"):
            read_body([cut[i : i + chunk] for i in range(0, len(cut), chunk)], encoding="gzip")


@given(st.integers(0, 199), st.integers(1, 255))
def test_an_altered_byte_is_noticed_or_harmless(offset: int, byte: int) -> None:
    body = b"some aggregates " * 50
    packed = bytearray(gzip.compress(body, mtime=0))
    where = 10 + offset % (len(packed) - 10)  # the header's time and system mean nothing
    packed[where] ^= byte
    try:
        read = read_body([bytes(packed)], encoding="gzip")
    except SourceError:
        return
    assert read == body  # the last bits of the stream mean nothing either
