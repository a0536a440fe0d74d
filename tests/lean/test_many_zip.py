"""Zips with many entries: read by anybody, and whatever they hold, never trusted."""

from __future__ import annotations

import io
import tempfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from leanfeed.errors import DamagedFileError
from leanfeed.lean import many_zip
from leanfeed.lean.many_zip import packed, packed_entries, unpacked, zip_of_many
from tests.lean.test_zips import many, streamed

TEXT = b"34200000,10000,20000,10000,20000,5\n" * 5
SOUND = zip_of_many({"a.csv": packed(TEXT), "b.csv": packed(TEXT[:35])})
NAMES = st.text(
    st.characters(min_codepoint=33, max_codepoint=0x2FF, exclude_characters="/\\"),
    min_size=1,
    max_size=20,
)


def contents(data: bytes, folder: Path) -> dict[str, bytes]:
    path = folder / "x.zip"
    path.write_bytes(data)
    return {name: unpacked(entry) for name, entry in packed_entries(path).items()}


@given(st.dictionaries(NAMES, st.binary(max_size=300), min_size=1, max_size=5))
def test_anybody_can_read_it(texts: dict[str, bytes]) -> None:
    made = zip_of_many({name: packed(text) for name, text in texts.items()})
    assert made == zip_of_many({name: packed(texts[name]) for name in reversed(texts)})
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert archive.namelist() == sorted(texts)
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in texts} == texts
    with tempfile.TemporaryDirectory() as folder:
        assert contents(made, Path(folder)) == texts


@pytest.mark.slow
@pytest.mark.parametrize("count", [0xFFFE, 0xFFFF])
def test_so_many_that_it_is_a_zip64(count: int, tmp_path: Path) -> None:
    one = packed(b"20240102 00:00,1,1,1,1,1")
    made = zip_of_many({f"{number}.csv": one for number in range(count)})
    (tmp_path / "x.zip").write_bytes(made)
    assert (b"PK\6\6" in made) is (count > 0xFFFE)
    assert packed_entries(tmp_path / "x.zip")["17.csv"] == one
    with zipfile.ZipFile(tmp_path / "x.zip") as archive:
        assert len(archive.infolist()) == count
        assert archive.read("17.csv") == unpacked(one)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(many(("b", b"1"), ("a", b"2")), {"b": b"1", "a": b"2"}, id="deflated"),
        pytest.param(many(("a", TEXT), compression=0), {"a": TEXT}, id="stored"),
        pytest.param(many(("a/", b""), ("a/b", TEXT)), {"a/b": TEXT}, id="folder"),
        pytest.param(streamed(), {"spy.csv": TEXT * 10}, id="data descriptor and zip64"),
        pytest.param(b"#!/bin/sh\n" + SOUND, None, id="something before it"),
        pytest.param(SOUND[:-2] + b"\x02\0hi", None, id="a comment"),
    ],
)
def test_what_others_write_is_read(
    data: bytes, expected: dict[str, bytes] | None, tmp_path: Path
) -> None:
    assert contents(data, tmp_path) == (expected or {"a.csv": TEXT, "b.csv": TEXT[:35]})


def test_an_entry_goes_from_zip_to_zip_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(many(("a", TEXT), compression=zipfile.ZIP_STORED))
    entries = packed_entries(tmp_path / "x.zip")
    assert entries["a"].data == TEXT
    (tmp_path / "y.zip").write_bytes(zip_of_many(entries | {"b": packed(TEXT)}))
    with zipfile.ZipFile(tmp_path / "y.zip") as archive:
        assert [info.compress_type for info in archive.infolist()] == [0, 8]
        assert archive.testzip() is None


@given(offset=st.integers(0, len(SOUND) - 1), byte=st.integers(1, 255))
def test_an_altered_byte_is_noticed_or_harmless(offset: int, byte: int) -> None:
    changed = bytearray(SOUND)
    changed[offset] ^= byte
    with tempfile.TemporaryDirectory() as folder:
        try:
            found = contents(bytes(changed), Path(folder))
        except (DamagedFileError, ValueError):
            return
        assert sorted(found.values(), key=len)[-1:] == [TEXT] or len(found) < 2


@given(st.integers(0, len(SOUND) - 1))
def test_a_cut_file_is_noticed(length: int) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.raises(DamagedFileError):
        contents(SOUND[:length], Path(folder))


def test_what_is_no_zip_for_lean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for data in (b"", b"<html>", many(), many(("a/", b"")), many(("a", b"1"), compression=14)):
        with pytest.raises(DamagedFileError, match=r"x\.zip cannot be read"):
            contents(data, tmp_path)
    encrypted = bytearray(SOUND)
    encrypted[SOUND.index(b"PK\1\2") + 8] |= 1
    with pytest.raises(DamagedFileError, match="encrypted"):
        contents(bytes(encrypted), tmp_path)
    monkeypatch.setattr(many_zip, "_SIZE_LIMIT", 100)
    with pytest.raises(DamagedFileError, match="too much"):
        contents(SOUND, tmp_path)
    monkeypatch.undo()
    with pytest.raises(DamagedFileError, match="too much"):
        contents(many(("a", bytes(65 << 20))), tmp_path)
    (tmp_path / "folder.zip").mkdir()
    with pytest.raises(DamagedFileError, match="not a regular file"):
        packed_entries(tmp_path / "folder.zip")
    with pytest.raises(FileNotFoundError):
        packed_entries(tmp_path / "absent.zip")
