"""Files appear whole, checked, flushed in the right order, and with the right mode."""

from __future__ import annotations

import errno
import io
import os
import stat
from pathlib import Path
from typing import Any

import pytest

import leanfeed
from leanfeed import ConfigurationError, WriteError, config
from leanfeed.default_plugins import safe_files
from leanfeed.default_plugins.safe_files import Durability, staged
from leanfeed.default_plugins.zip_writer import ZipWriter
from tests.build import MemorySource
from tests.storage.build_zips import DAILY, MINUTE, delivery, files, put, rows, temporaries, write


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is flushed and renamed, in order."""
    seen: list[str] = []
    fsync, replace = os.fsync, os.replace

    def flushed(descriptor: int) -> None:
        is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        seen.append("flush folder" if is_folder else "flush file")
        fsync(descriptor)

    def renamed(source: Any, target: Any) -> None:
        seen.append("rename")
        replace(source, target)

    monkeypatch.setattr(os, "fsync", flushed)
    monkeypatch.setattr(os, "replace", renamed)
    return seen


@pytest.mark.parametrize("resolution", ["minute", "daily"])
def test_file_is_flushed_before_the_rename_and_its_folder_after_it(
    tmp_path: Path, calls: list[str], resolution: str
) -> None:
    write(tmp_path, delivery(0, resolution))
    calls.clear()
    write(tmp_path, delivery(1, resolution))
    assert calls == ["flush file", "rename", "flush folder"]


def test_new_folders_are_flushed_into_theirs(tmp_path: Path, calls: list[str]) -> None:
    write(tmp_path, delivery())
    assert calls == ["flush folder"] * 4 + ["flush file", "rename", "flush folder"]


@pytest.mark.parametrize("resolution", ["minute", "daily"])
def test_fast_flushes_nothing(tmp_path: Path, calls: list[str], resolution: str) -> None:
    put(tmp_path / MINUTE, "x.csv", "damaged")
    write(tmp_path, delivery(0, resolution), durability="fast")
    assert calls == ["rename"]


def test_flush_that_failed_is_not_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, delivery(0))
    tries: list[int] = []

    def fail(descriptor: int) -> None:
        tries.append(descriptor)
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(WriteError, match=r"20240103_trade.zip cannot be written: Input/output"):
        write(tmp_path, delivery(1))
    assert len(tries) == 1
    assert list(files(tmp_path)) == [MINUTE]


@pytest.mark.parametrize("error", [errno.EINVAL, errno.ENOTSUP])
def test_file_system_that_cannot_flush_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: int
) -> None:
    def fail(descriptor: int) -> None:
        raise OSError(error, "not here")

    monkeypatch.setattr(os, "fsync", fail)
    assert write(tmp_path, delivery())[0].rows == 5


@pytest.mark.parametrize("resolution", ["minute", "daily"])
@pytest.mark.parametrize("change", ["cut", "flip", "other"])
def test_what_the_disk_does_not_keep_never_gets_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, resolution: str, change: str
) -> None:
    def damaged(data: bytes) -> bytes:
        match change:
            case "cut":
                return data[:-30]
            case "flip":
                return data[:60] + bytes([data[60] ^ 1]) + data[61:]
        return data + b"0"

    class Disk(io.BufferedRandom):
        def read(self, size: int | None = -1) -> bytes:
            return damaged(super().read(size))

    write(tmp_path, delivery(0, resolution))
    before = files(tmp_path)
    monkeypatch.setattr(
        safe_files, "_new_file", lambda path, _durability: Disk(io.FileIO(path, "x+"))
    )
    with pytest.raises(WriteError, match="came back changed"):
        write(tmp_path, delivery(1, resolution))
    assert files(tmp_path) == before
    assert temporaries(tmp_path) == []


def test_check_sees_the_bytes_on_disk_before_they_get_their_name(tmp_path: Path) -> None:
    def spoil(data: bytes) -> None:
        (temporary,) = tmp_path.iterdir()
        assert temporary.read_bytes() == data == b"whole"
        raise WriteError("It is not. Mend it.")

    with (
        pytest.raises(WriteError, match="It is not"),
        staged(tmp_path / "a.zip", lambda file: file.write(b"whole"), check=spoil),
    ):
        pass
    assert list(tmp_path.iterdir()) == []


def test_what_is_not_put_is_gone(tmp_path: Path) -> None:
    with staged(tmp_path / "a.zip", lambda file: file.write(b"new")) as staging:
        temporary = Path(staging.temporary)
        assert temporary.read_bytes() == b"new"
        assert temporary.name.startswith(".a.zip.")
        assert not temporary.name.endswith(".zip")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="modes are those of POSIX")
@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o002, 0o664)])
@pytest.mark.parametrize("resolution", ["minute", "daily"])
def test_mode_comes_from_the_umask(tmp_path: Path, umask: int, mode: int, resolution: str) -> None:
    before = os.umask(umask)
    try:
        write(tmp_path, delivery(0, resolution))
    finally:
        os.umask(before)
    path = tmp_path / (MINUTE if resolution == "minute" else DAILY)
    assert stat.S_IMODE(path.stat().st_mode) == mode


def refuse(times: int, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """LEAN holds the file that often when it is to be replaced."""
    replace, tries = os.replace, [0]

    def held(source: Any, target: Any) -> None:
        tries[0] += 1
        if tries[0] <= times:
            raise PermissionError(errno.EACCES, "The process cannot access the file")
        replace(source, target)

    monkeypatch.setattr(os, "replace", held)
    monkeypatch.setattr(safe_files, "_PAUSE", 0.01)
    return tries


def rename_on_windows(folder: Path) -> None:
    with staged(folder / "a.zip", lambda f: f.write(b"x"), durability=Durability.FAST) as staging:
        staging.put()


def test_windows_waits_until_lean_lets_the_file_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(safe_files, "_IS_WINDOWS", True)
    tries = refuse(3, monkeypatch)
    rename_on_windows(tmp_path)
    assert tries == [4]
    assert [path.name for path in tmp_path.iterdir()] == ["a.zip"]


def test_windows_does_not_wait_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(safe_files, "_IS_WINDOWS", True)
    monkeypatch.setattr(safe_files, "_PATIENCE", 0.05)
    refuse(10**6, monkeypatch)
    with pytest.raises(PermissionError):
        rename_on_windows(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_others_do_not_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(safe_files, "_IS_WINDOWS", False)
    tries = refuse(1, monkeypatch)
    with pytest.raises(WriteError, match="Check its owner and its permissions"):
        write(tmp_path, delivery())
    assert tries == [1]


@pytest.mark.parametrize("where", ["toml", "environment"])
def test_durability_is_a_setting_of_the_writer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, calls: list[str], where: str
) -> None:
    if where == "toml":
        (tmp_path / "leanfeed.toml").write_text('[writer]\ndurability = "fast"\n')
    else:
        monkeypatch.setenv("LEANFEED_LEAN_DURABILITY", "fast")
    leanfeed.ensure(
        "SPY",
        resolution="daily",
        start="2024-01-02",
        end="2024-01-05",
        data_folder=tmp_path / "data",
        sources=[MemorySource()],
    )
    assert "rename" in calls
    assert "flush file" not in calls


def test_unknown_durability_is_refused_before_anything_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEANFEED_LEAN_DURABILITY", "some")
    settings = config.load(folder=tmp_path)
    with pytest.raises(ConfigurationError, match="'full' or 'fast'"):
        settings.build("writer", "lean", ZipWriter)


def test_written_rows_are_those_of_the_bars(tmp_path: Path) -> None:
    write(tmp_path, delivery(0), delivery(0, "daily"), delivery(1, "daily"))
    assert rows(tmp_path / MINUTE)[0] == "34200000,1000000,1005000,995000,1002500,100"
    assert [row[:8] for row in rows(tmp_path / DAILY)] == ["20240102", "20240103"]


class HeldOpenError(PermissionError):
    """What Windows says of a file that another program has open."""

    winerror = 32


def test_a_file_that_stays_open_on_windows_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, delivery(0))
    before = files(tmp_path)
    monkeypatch.setattr(safe_files, "_IS_WINDOWS", True)
    monkeypatch.setattr(safe_files, "_PATIENCE", 0.05)

    def refused(path: str, target: str) -> None:
        raise HeldOpenError(errno.EACCES, "The process cannot access the file", path)

    monkeypatch.setattr(os, "replace", refused)
    with pytest.raises(WriteError) as caught:
        write(tmp_path, delivery(0, price=50.0))
    assert str(caught.value) == (
        f"{tmp_path / MINUTE} cannot be written: The process cannot access the file. End the "
        "backtest or whatever has it open, or check its permissions, and run again; what was "
        "written before is safe."
    )
    assert files(tmp_path) == before


def test_a_damaged_file_is_moved_aside_once_windows_lets_it_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / MINUTE
    path.parent.mkdir(parents=True)
    path.write_bytes(b"no zip")
    monkeypatch.setattr(safe_files, "_IS_WINDOWS", True)
    tries = refuse(2, monkeypatch)
    write(tmp_path, delivery(0, count=0))
    assert tries[0] >= 3
    assert not path.exists()


def test_macos_flushes_to_the_disk_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(safe_files, "_FULL_FLUSH", 51)
    flushed: list[int] = []
    monkeypatch.setattr("fcntl.fcntl", lambda descriptor, command: flushed.append(command))
    monkeypatch.setattr(os, "fsync", lambda descriptor: flushed.append(0))
    write(tmp_path, delivery())
    assert flushed
    assert set(flushed) == {51}

    def cannot(descriptor: int, command: int) -> None:
        raise OSError(errno.ENOTSUP, "Operation not supported")

    flushed.clear()
    monkeypatch.setattr("fcntl.fcntl", cannot)
    write(tmp_path, delivery(1))
    assert set(flushed) == {0}
