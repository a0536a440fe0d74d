"""The zip that leanfeed writes: read by anybody, and by leanfeed only when every byte is right."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator

import pytest
from hypothesis import given, strategies as st

from leanfeed import deflate
from leanfeed.lean.plain_zip import HEADER, checksum_in, entry_in, zip_of

NAMES = st.text(
    st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="/\\"), min_size=1
)
TEXT = b"34200000,10000,20000,10000,20000,5\n" * 50


@pytest.fixture(params=["isal", "zlib"], autouse=True)
def engine(request: pytest.FixtureRequest) -> Iterator[None]:
    """With ISA-L, and as where it has no wheel."""
    with pytest.MonkeyPatch.context() as patched:
        if request.param == "zlib":
            patched.setattr(deflate, "_engine", zlib)
            patched.setattr(deflate, "DeflateError", zlib.error)
        yield


@given(NAMES, st.binary(max_size=2000))
def test_anybody_can_read_it(name: str, content: bytes) -> None:
    made = zip_of(name, content)
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert [info.filename for info in archive.infolist()] == [name]
        assert archive.testzip() is None
        assert archive.read(name) == content
    assert entry_in(made) == (name, content)
    assert checksum_in(made[:HEADER]) == zlib.crc32(content)


@pytest.mark.parametrize("name", ["é.csv", "a/b.csv", "a/", "a\\b", "a b"])
def test_odd_names_are_left_to_the_standard_library(name: str) -> None:
    made = zip_of(name, TEXT)
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert archive.infolist()[0].filename == name
    assert entry_in(made) is None


def test_every_altered_byte_is_noticed() -> None:
    made = zip_of("spy.csv", TEXT)
    for offset in range(len(made)):
        altered = made[:offset] + bytes([made[offset] ^ 0x55]) + made[offset + 1 :]
        assert entry_in(altered) is None
    for length in range(len(made)):
        assert entry_in(made[:length]) is None
        assert entry_in(made[length:] + b"x") is None


@given(st.binary(max_size=300))
def test_noise_is_none(noise: bytes) -> None:
    assert entry_in(noise) is None
    assert entry_in(noise + b"PK\5\6" + noise) is None


def test_no_more_is_inflated_than_the_zip_declares() -> None:
    bomb = deflate.deflated(bytes(10_000_000))
    with pytest.raises(ValueError):
        deflate.inflated(bomb, 1000)
    with pytest.raises((ValueError, deflate.DeflateError)):
        deflate.inflated(bomb[:-5], 10_000_000)


def test_it_is_read_whoever_compressed_it(monkeypatch: pytest.MonkeyPatch) -> None:
    made = zip_of("spy.csv", TEXT)
    monkeypatch.setattr(deflate, "_engine", zlib)
    assert entry_in(made) == ("spy.csv", TEXT)
    made = zip_of("spy.csv", TEXT)
    monkeypatch.undo()
    assert entry_in(made) == ("spy.csv", TEXT)
