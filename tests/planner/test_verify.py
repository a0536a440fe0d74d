"""How closely files that the ledger knows are looked at."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from leanfeed.audits.audit import audit
from leanfeed.lean.zips import entry_text, zip_bytes
from leanfeed.request import Verify
from tests.planner.folder import Folder, texts


def rotten(data: bytes) -> bytes:
    """One bit of the compressed text is another one."""
    at = len(data) // 3
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def test_quick_believes_size_and_time(folder: Folder) -> None:
    folder.store()
    file = folder.file("2024-01-04")
    folder.rot("2024-01-04", rotten(file.read_bytes()))
    assert folder.plan(verify=Verify.QUICK).present == folder.sessions


@pytest.mark.parametrize("verify", [Verify.CHECKSUM, Verify.FULL])
def test_rot_is_found_by_checksum(folder: Folder, verify: Verify) -> None:
    folder.store()
    file = folder.file("2024-01-04")
    folder.rot("2024-01-04", rotten(file.read_bytes()))
    planned = folder.plan(verify=verify)
    assert planned.damaged == (file.relative_to(folder.path).as_posix(),)
    assert "2024-01-04" in texts(planned.missing)


@pytest.mark.parametrize("verify", list(Verify))
def test_sound_files_are_present_at_every_level(folder: Folder, verify: Verify) -> None:
    folder.store()
    planned = folder.plan(verify=verify)
    assert planned.present == folder.sessions
    assert planned.verified == {}


@pytest.mark.parametrize("verify", [Verify.CHECKSUM, Verify.FULL])
def test_every_file_is_opened(folder: Folder, opened: list[str], verify: Verify) -> None:
    folder.store()
    folder.plan(verify=verify)
    files = {folder.file(str(session)).name for session in folder.sessions}
    assert set(opened) == files


def test_only_full_reads_the_numbers(tmp_path: Path) -> None:
    folder = Folder(tmp_path, end="2024-01-02")
    folder.store(bars=1)
    file = folder.file("2024-01-02")
    late = b"86400000,1000000,1000000,1000000,1000000,1"  # a day has no such millisecond
    with zipfile.ZipFile(file) as archive:
        (name,) = archive.namelist()
    file.write_bytes(zip_bytes(name, late))
    folder.adopt(folder.plan())
    assert folder.plan(verify=Verify.CHECKSUM).present == folder.sessions
    planned = folder.plan(verify=Verify.FULL)
    assert planned.missing == folder.sessions
    assert len(planned.damaged) == 1


@pytest.mark.parametrize("case", ["symbol", "price", "late"])
def test_full_condemns_what_an_audit_condemns(tmp_path: Path, case: str) -> None:
    folder = Folder(tmp_path)
    folder.store()
    folder.forget()
    file = folder.file("2024-01-04")
    text = entry_text(file)
    match case:
        case "symbol":
            content = zip_bytes("20240104_msft_minute_trade.csv", text)
        case "price":
            first = b"34200000,1000000,1000000,-1000000,1000000,1\n"
            content = zip_bytes("20240104_spy_minute_trade.csv", first + text.split(b"\n", 1)[1])
        case "late":
            late = b"\n79200000,1000000,1000000,1000000,1000000,1"
            content = zip_bytes("20240104_spy_minute_trade.csv", text + late)
    file.write_bytes(content)
    path = file.relative_to(folder.path).as_posix()
    assert {finding.path for finding in audit(data_folder=folder.path).damaged} == {path}
    assert folder.plan(verify=Verify.CHECKSUM).present == folder.sessions
    planned = folder.plan(verify=Verify.FULL)
    assert (planned.damaged, texts(planned.missing)) == ((path,), ["2024-01-04"])


def test_full_condemns_single_sessions_of_a_shared_file(tmp_path: Path) -> None:
    folder = Folder(tmp_path, "daily")
    folder.store()
    file = folder.file("2024-01-04")
    rows = entry_text(file).split(b"\n")
    rows[2] = b"20240104 00:00,1000000,1000000,-1000000,1000000,1"
    file.write_bytes(zip_bytes("spy.csv", b"\n".join(rows)))
    planned = folder.plan(verify=Verify.FULL)
    assert texts(planned.missing) == ["2024-01-04"]
    assert planned.damaged == ("equity/usa/daily/spy.zip",)
