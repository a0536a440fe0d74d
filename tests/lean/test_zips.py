"""Zips: the same bytes every time, and nothing but an error from what is damaged."""

from __future__ import annotations

import io
import os
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from leanfeed.errors import DamagedFileError
from leanfeed.lean import zips
from leanfeed.lean.zips import entries, entry_text, zip_bytes

TEXT = b"34200000,10000,20000,10000,20000,5\n" * 50
SOUND = zip_bytes("spy.csv", TEXT)


def many(*contents: tuple[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in contents:
            archive.writestr(name, content)
    return buffer.getvalue()


def streamed() -> bytes:
    """Sizes and checksum behind the content, in the 64-bit form."""

    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def tell(self) -> int:
            raise io.UnsupportedOperation

    pipe = Pipe()
    with (
        zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("spy.csv", "w", force_zip64=True) as entry,
    ):
        entry.write(TEXT)
    return pipe.getvalue()


def altered(offset: int, byte: int) -> bytes:
    changed = bytearray(SOUND)
    changed[offset] ^= byte
    return bytes(changed)


def encrypted() -> bytes:
    directory = SOUND.index(b"PK\x01\x02")
    changed = bytearray(SOUND)
    changed[6] |= 1
    changed[directory + 8] |= 1
    return bytes(changed)


@given(st.binary(max_size=200))
def test_the_same_input_gives_the_same_bytes(text: bytes) -> None:
    made = zip_bytes("spy.csv", text)
    assert made == zip_bytes("spy.csv", text)
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        (info,) = archive.infolist()
        assert (info.filename, info.create_system, info.date_time[0]) == ("spy.csv", 3, 1980)
        assert archive.read(info) == text


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(SOUND, TEXT, id="ours"),
        pytest.param(many(("a/b.csv", TEXT)), TEXT, id="entry in a folder"),
        pytest.param(many(("a/", b""), ("a/b.csv", TEXT)), TEXT, id="folder and entry"),
        pytest.param(many(("../../x", TEXT)), TEXT, id="name that climbs"),
        pytest.param(many(("a.csv", TEXT), ("b.csv", b"2")), TEXT, id="first of two"),
        pytest.param(many(("A.CSV", TEXT), compression=zipfile.ZIP_STORED), TEXT, id="stored"),
        pytest.param(streamed(), TEXT, id="data descriptor and zip64"),
        pytest.param(many(("spy.csv", b"")), b"", id="empty entry"),
    ],
)
def test_readable(content: bytes, expected: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(content)
    assert entry_text(path) == expected


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        pytest.param(b"", "not a zip", id="zero bytes"),
        pytest.param(b"<html>Too many requests</html>", "not a zip", id="web page"),
        pytest.param(SOUND[:-30], "not a zip", id="cut at the end"),
        pytest.param(SOUND[30:], "cannot be read", id="cut at the start"),
        pytest.param(altered(SOUND.index(b"PK\x01\x02") + 16, 1), "Bad CRC", id="checksum"),
        pytest.param(altered(60, 0xFF), "sound zip", id="altered content"),
        pytest.param(encrypted(), "encrypted", id="encrypted"),
        pytest.param(many(), "no entries", id="no entry"),
        pytest.param(many(("a/", b"")), "no entries", id="folders only"),
        pytest.param(many(("a", TEXT), compression=zipfile.ZIP_LZMA), "method 14", id="lzma"),
    ],
)
def test_damaged(content: bytes, cause: str, tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(content)
    for read in (entry_text, entries):
        with pytest.raises(DamagedFileError, match=cause) as error:
            read(path)
        assert str(path) in str(error.value)


@given(offset=st.integers(0, len(SOUND) - 1), byte=st.integers(1, 255))
def test_an_altered_byte_is_noticed_or_harmless(offset: int, byte: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "x.zip")
        path.write_bytes(altered(offset, byte))
        try:
            text = entry_text(path)
        except DamagedFileError:
            return
        assert text == TEXT


def test_an_entry_without_a_name_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x", TEXT)
    content = path.read_bytes()
    names = content.rindex(b"PK\1\2") + 28
    path.write_bytes(content[:names] + b"\0\0" + content[names + 2 :])
    with pytest.raises(DamagedFileError):
        entry_text(path)


def test_entries_by_name(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(many(("b", b"1"), ("a", b"2")))
    assert list(entries(path).items()) == [("b", b"1"), ("a", b"2")]


@pytest.mark.parametrize("read", [entry_text, entries])
def test_too_large(
    read: Callable[[Path], object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zips, "_SIZE_LIMIT", 100)
    path = tmp_path / "x.zip"
    path.write_bytes(many(("a", b"0" * 101)))
    with pytest.raises(DamagedFileError, match=r"more than \d+ bytes"):
        read(path)


def test_the_limit_is_on_all_entries_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zips, "_SIZE_LIMIT", 100)
    path = tmp_path / "x.zip"
    path.write_bytes(many(("a", b"0" * 60), ("b", b"0" * 60)))
    assert len(entry_text(path)) == 60
    with pytest.raises(DamagedFileError, match=r"more than \d+ bytes"):
        entries(path)


@pytest.mark.parametrize("name", ["fifo.zip", "folder.zip"])
def test_what_is_not_a_file(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / "fifo.zip")
    (tmp_path / "folder.zip").mkdir()
    with pytest.raises(DamagedFileError, match="not a regular file"):
        entry_text(tmp_path / name)


def test_what_the_system_refuses_is_not_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(FileNotFoundError):
        entry_text(tmp_path / "absent.zip")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    for owner, name, content in ((Path, "open", SOUND), (zipfile, "ZipFile", streamed())):
        path = tmp_path / name
        path.write_bytes(content)
        with monkeypatch.context() as patched:
            patched.setattr(owner, name, refuse)
            with pytest.raises(PermissionError):
                entry_text(path)
