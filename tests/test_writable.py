"""What a run could not store is found out before its first request."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import leanfeed
from leanfeed import WriteError
from tests.build import MemorySource

RESOLUTIONS = ("minute", "hour", "daily")
LINKS = ("", "runs", "runs/generation", "locks", "merging", "quarantine", "ledger.sqlite")

pytestmark = pytest.mark.skipif(os.name == "nt", reason="links, modes and mounts of POSIX")


def refused(folder: Path) -> str:
    """What a run says that is refused, and that has asked nobody."""
    source = MemorySource()
    with pytest.raises(WriteError) as refusal:
        leanfeed.ensure(
            "SPY",
            resolution=RESOLUTIONS,
            start="2024-01-02",
            end="2024-01-05",
            data_folder=folder,
            sources=[source],
        )
    assert source.asked == []
    return str(refusal.value)


@pytest.mark.parametrize("name", LINKS)
@pytest.mark.parametrize("is_there", [True, False])
def test_own_file_that_leads_out_is_not_written_through(
    tmp_path: Path, name: str, *, is_there: bool
) -> None:
    link, outside = tmp_path / "data/.leanfeed" / name, tmp_path / "outside"
    if is_there and "." in name[1:]:
        outside.write_text("precious")
    elif is_there:
        outside.mkdir()
    link.parent.mkdir(parents=True)
    link.symlink_to(outside)
    before = sorted(tmp_path.rglob("*"))
    assert f"{link} leads out of the data folder, to {outside}" in refused(tmp_path / "data")
    assert sorted(tmp_path.rglob("*")) == before
    assert not outside.is_file() or outside.read_text() == "precious"


def test_link_that_stays_inside_is_fine(tmp_path: Path) -> None:
    (tmp_path / ".leanfeed").mkdir()
    (tmp_path / "locks").mkdir()
    (tmp_path / ".leanfeed/locks").symlink_to("../locks")
    report = leanfeed.ensure(
        "SPY",
        resolution="daily",
        start="2024-01-02",
        end="2024-01-05",
        data_folder=tmp_path,
        sources=[MemorySource()],
    )
    assert report.complete
    assert list((tmp_path / "locks").iterdir())


@pytest.mark.parametrize(
    "name",
    ["equity/usa", "equity/usa/minute/spy", "equity/usa/daily", ".leanfeed", ".leanfeed/locks"],
)
def test_folder_below_that_takes_no_files(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / name).mkdir(parents=True)
    access = os.access

    def refuse(path: os.PathLike[str], mode: int) -> bool:
        return access(path, mode) and not (mode & os.W_OK and Path(path) == tmp_path / name)

    monkeypatch.setattr(os, "access", refuse)  # root may write everywhere
    assert refused(tmp_path) == f"{tmp_path / name} is not writable: check its permissions."


@pytest.mark.parametrize("name", ["equity", "equity/usa/minute/spy", "equity/usa/daily"])
def test_file_where_a_folder_belongs(tmp_path: Path, name: str) -> None:
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).symlink_to("nowhere")
    assert f"{tmp_path / name} cannot be written: Not a directory." in refused(tmp_path)


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    mount = ["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", str(tmp_path)]
    if os.geteuid() or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("only root may mount a disk of 200 kB")
    (tmp_path / "ballast").write_bytes(bytes(180_000))
    yield tmp_path
    os.chdir("/")
    subprocess.run(["umount", str(tmp_path)], check=True)


def test_full_disk(full_disk: Path) -> None:
    assert f"{full_disk} cannot be written: No space left on device." in refused(full_disk)
    assert [path.name for path in full_disk.iterdir()] == ["ballast"]


def test_full_disk_by_quota(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(122, "Disk quota exceeded")

    monkeypatch.setattr("leanfeed.writable.tempfile.TemporaryFile", refuse)
    assert "Disk quota exceeded. Free space, or ask for a larger quota" in refused(tmp_path)
