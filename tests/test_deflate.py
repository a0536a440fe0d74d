"""Deflate: whoever compresses, and wherever, the same data gives the same bytes."""

from __future__ import annotations

import threading
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given, strategies as st

from leanfeed import deflate

BARS = b"".join(b"%d,%d,%d\n" % (60_000 * n, 1_000_000 + 7 * n, n * n) for n in range(40))


def on_other_stacks(threads: int) -> list[list[bytes]]:
    """What each of many threads makes of some texts; all live at once, so no two share a stack."""
    texts = [BARS[: 60 + 20 * n] for n in range(20)]
    together = threading.Barrier(threads)
    made: list[list[bytes]] = []

    def compress() -> None:
        together.wait()
        made.append([deflate.deflated(text) for text in texts])
        together.wait()

    usual = threading.stack_size(256 * 1024)
    try:
        workers = [threading.Thread(target=compress) for _ in range(threads)]
        for worker in workers:
            worker.start()
    finally:
        threading.stack_size(usual)
    for worker in workers:
        worker.join()
    return made


def test_the_same_bytes_from_every_thread() -> None:
    first, *others = on_other_stacks(threads=300)
    assert all(other == first for other in others)


@given(st.binary() | st.text("0123456789,\n\0").map(str.encode))
def test_zlib_reads_it(data: bytes) -> None:
    packed = deflate.deflated(data)
    assert zlib.decompress(packed, -zlib.MAX_WBITS) == data
    assert deflate.inflated(packed, len(data)) == data


@pytest.mark.parametrize("zeros", [3, 4, 8, 100])
def test_zeros_at_the_start_are_data(zeros: int) -> None:
    data = b"\0" * zeros + BARS
    assert zlib.decompress(deflate.deflated(data), -zlib.MAX_WBITS) == data


@pytest.mark.parametrize("wrong", [lambda packed: packed[:-1], lambda packed: b"", bytes.swapcase])
def test_what_was_compressed_wrongly_is_zlibs(
    monkeypatch: pytest.MonkeyPatch, wrong: Callable[[bytes], bytes]
) -> None:
    class Engine:
        error, decompressobj = deflate.DeflateError, staticmethod(deflate._engine.decompressobj)

        class compressobj:  # noqa: N801  the name of zlib
            def __init__(self, **given: object) -> None:
                self._stream = zlib.compressobj(wbits=-zlib.MAX_WBITS)

            def compress(self, data: bytes) -> bytes:
                self._data = data
                return b""

            def flush(self) -> bytes:
                return wrong(self._stream.compress(self._data) + self._stream.flush())

    monkeypatch.setattr(deflate, "_engine", Engine)
    expected = zlib.compress(BARS, deflate._LEVEL_OF_ZLIB, -zlib.MAX_WBITS)
    assert deflate.deflated(BARS) == expected
