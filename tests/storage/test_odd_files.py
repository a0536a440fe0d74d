"""Links, pipes and folders where LEAN keeps zips: nothing blocks, nothing outside is touched."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from leanfeed import WriteError
from tests.storage.build_zips import DAILY, MINUTE, delivery, put, quarantined, rows, write

NAMES = {"minute": MINUTE, "daily": DAILY}
pytestmark = pytest.mark.skipif(os.name == "nt", reason="links need rights there")


def snapshot(folder: Path) -> list[tuple[str, int]]:
    paths = sorted(folder.rglob("*"))
    return [(str(path), path.lstat().st_mtime_ns) for path in [folder, *paths]]


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    folder = tmp_path / "outside"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("resolution", NAMES)
@pytest.mark.parametrize("depth", [1, 2, 3])
def test_folder_that_leads_out_is_not_written_through(
    tmp_path: Path, outside: Path, resolution: str, depth: int
) -> None:
    data = tmp_path / "data"
    link = data.joinpath(*Path(NAMES[resolution]).parts[:depth])
    link.parent.mkdir(parents=True)
    link.symlink_to(outside)
    before = snapshot(tmp_path)
    with pytest.raises(WriteError, match="leads out of the data folder"):
        write(data, delivery(0, resolution))
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize("resolution", NAMES)
@pytest.mark.parametrize("is_there", [True, False])
def test_zip_that_leads_out_is_not_written_through(
    tmp_path: Path, outside: Path, resolution: str, *, is_there: bool
) -> None:
    data = tmp_path / "data"
    if is_there:
        put(outside / "spy.zip", "spy.csv", "20231228 00:00,1,2,1,2,5")
    (data / NAMES[resolution]).parent.mkdir(parents=True)
    (data / NAMES[resolution]).symlink_to(outside / "spy.zip")
    before = snapshot(tmp_path)
    with pytest.raises(WriteError, match="leads out of the data folder"):
        write(data, delivery(0, resolution))
    assert snapshot(tmp_path) == before


def test_second_file_of_a_folder_is_looked_at_too(tmp_path: Path, outside: Path) -> None:
    data = tmp_path / "data"
    write(data, delivery(0))
    path = data / MINUTE.replace("20240102", "20240103")
    path.symlink_to(outside / "spy.zip")
    with pytest.raises(WriteError, match="leads out of the data folder"):
        write(data, delivery(0, count=6), delivery(1))
    assert len(rows(data / MINUTE)) == 6
    assert path.is_symlink()


def test_quarantine_that_leads_out_is_not_written_through(tmp_path: Path, outside: Path) -> None:
    data = tmp_path / "data"
    damaged = put(data / MINUTE, "20240102_spy_minute_trade.csv", "hello world")
    (data / ".leanfeed").symlink_to(outside)
    with pytest.raises(WriteError, match="leads out of the data folder"):
        write(data, delivery())
    assert (data / MINUTE).read_bytes() == damaged
    assert list(outside.iterdir()) == []


def test_links_that_stay_inside_are_fine(tmp_path: Path) -> None:
    data = tmp_path / "real"
    (data / "equity/usa/other").mkdir(parents=True)
    (data / "equity/usa/daily").symlink_to("other")
    put(data / "equity/usa/other/aapl.zip", "spy.csv", "20231228 00:00,1,2,1,2,5")
    (data / "equity/usa/daily/spy.zip").symlink_to("aapl.zip")
    (tmp_path / "data").symlink_to(data)
    write(tmp_path / "data", delivery(0, "daily"))
    assert [row[:8] for row in rows(data / DAILY)] == ["20231228", "20240102"]
    assert len(rows(data / "equity/usa/other/aapl.zip")) == 1


def test_link_to_nowhere_inside_makes_room(tmp_path: Path) -> None:
    (tmp_path / MINUTE).parent.mkdir(parents=True)
    (tmp_path / MINUTE).symlink_to("gone.zip")
    (written,) = write(tmp_path, delivery())
    assert (tmp_path / written.kept_aside).is_symlink()
    assert len(rows(tmp_path / MINUTE)) == 5


@pytest.mark.timeout(10)
@pytest.mark.parametrize("resolution", NAMES)
@pytest.mark.parametrize("kind", ["pipe", "folder", "full folder"])
def test_what_is_no_file_is_moved_away(tmp_path: Path, resolution: str, kind: str) -> None:
    path = tmp_path / NAMES[resolution]
    path.parent.mkdir(parents=True)
    if kind == "pipe":
        os.mkfifo(path)
    else:
        path.mkdir()
    if kind == "full folder":
        (path / "mine.txt").write_bytes(b"precious")
    (written,) = write(tmp_path, delivery(0, resolution))
    assert len(rows(path)) == written.rows
    assert written.rows_before is None
    assert (tmp_path / written.kept_aside).exists()
    assert quarantined(tmp_path) == ([b"precious"] if kind == "full folder" else [])


@pytest.mark.timeout(10)
@pytest.mark.parametrize("resolution", NAMES)
def test_device_is_moved_or_refused_and_never_read(tmp_path: Path, resolution: str) -> None:
    path = tmp_path / NAMES[resolution]
    path.parent.mkdir(parents=True)
    path.symlink_to("/dev/zero")
    with pytest.raises(WriteError, match="leads out of the data folder, to /dev/zero"):
        write(tmp_path, delivery(0, resolution))


@pytest.mark.parametrize("name", [".leanfeed/locks", ".leanfeed/merging", ".leanfeed"])
def test_file_in_place_of_a_folder_of_ours_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("mine")
    with pytest.raises(WriteError, match=f"{name}.* cannot be written: .*Move away what stands"):
        write(tmp_path, delivery(0, "daily"))
    assert (tmp_path / name).read_text() == "mine"
    assert not (tmp_path / DAILY).exists()


def test_loop_of_links_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "equity/usa/daily"
    path.parent.mkdir(parents=True)
    path.symlink_to("daily")
    with pytest.raises(WriteError, match="equity/usa/daily"):
        write(tmp_path, delivery(0, "daily"))


def test_without_hard_links_the_damaged_file_is_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(1, "Operation not permitted")

    damaged = put(tmp_path / MINUTE, "20240102_spy_minute_trade.csv", "hello world")
    monkeypatch.setattr(os, "link", refuse)
    write(tmp_path, delivery())
    assert quarantined(tmp_path) == [damaged]
    assert len(rows(tmp_path / MINUTE)) == 5


def test_quarantine_on_another_file_system_takes_a_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = os.replace

    def across(source: str, target: str) -> None:
        if "quarantine" in str(target) and ".tmp" not in str(source):
            raise OSError(18, "Invalid cross-device link", str(source), None, str(target))
        replace(source, target)

    damaged = put(tmp_path / MINUTE, "20240102_spy_minute_trade.csv", "hello world")
    monkeypatch.setattr(os, "replace", across)
    write(tmp_path, delivery(count=0))
    assert quarantined(tmp_path) == [damaged]
    assert not (tmp_path / MINUTE).exists()
