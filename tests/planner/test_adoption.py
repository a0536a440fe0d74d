"""The files are the truth: what the ledger does not know is opened once, and then remembered."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from attrs import evolve

from leanfeed import Hours, InvalidRequestError
from leanfeed.default_plugins import contents
from leanfeed.lean.zips import zip_bytes
from leanfeed.ledger import Ledger
from leanfeed.request import Verify
from tests.planner.folder import NOW, Folder, texts


def everything(folder: Path) -> dict[str, tuple[int, int]]:
    found = {path: path.stat() for path in (folder, *folder.rglob("*"))}
    return {str(path): (stat.st_size, stat.st_mtime_ns) for path, stat in found.items()}


def set_version(ledger: Path, version: int) -> None:
    with closing(sqlite3.connect(ledger)) as connection:
        connection.execute(f"PRAGMA user_version = {version}")


def test_known_files_are_not_opened(folder: Folder, opened: list[str]) -> None:
    folder.store()
    assert folder.plan().present == folder.sessions
    assert opened == []


@pytest.mark.parametrize("loss", ["deleted", "damaged", "empty", "older", "cut"])
def test_lost_ledger_is_made_again(folder: Folder, opened: list[str], loss: str) -> None:
    folder.store()
    ledger = Ledger(folder.path).path
    match loss:
        case "deleted":
            ledger.unlink()
        case "damaged":
            ledger.write_bytes(b"\0" * 100_000)
        case "empty":
            ledger.write_bytes(b"")
        case "older":
            set_version(ledger, 1)
        case "cut":
            ledger.write_bytes(ledger.read_bytes()[: ledger.stat().st_size // 2])
    planned = folder.plan()
    assert planned.present == folder.sessions
    assert opened != []
    folder.adopt(planned)
    opened.clear()
    assert folder.plan().present == folder.sessions
    assert opened == []


@pytest.mark.parametrize("state", ["a folder", "newer"])
def test_ledger_that_cannot_be_used_is_left_alone(
    folder: Folder, opened: list[str], state: str
) -> None:
    folder.store()
    ledger = Ledger(folder.path).path
    if state == "newer":
        set_version(ledger, 99)
    else:
        ledger.unlink()
        ledger.mkdir()
    before = everything(ledger)
    for _ in range(2):
        opened.clear()
        planned = folder.plan()
        assert planned.present == folder.sessions
        assert opened != []
        folder.adopt(planned)
        folder.store("2024-01-02")
    assert everything(ledger) == before


def test_planning_writes_nothing(folder: Folder) -> None:
    folder.store()
    before = everything(folder.path)
    for verify in Verify:
        folder.plan(verify=verify)
    assert everything(folder.path) == before
    folder.forget()
    before = everything(folder.path)
    folder.plan()
    assert everything(folder.path) == before


def test_nothing_is_remembered_where_nothing_may_be_written(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.store()
    folder.forget()
    planned = folder.plan()
    before = everything(folder.path)
    monkeypatch.setattr(os, "access", lambda *_: False)
    folder.adopt(planned)
    assert everything(folder.path) == before


@pytest.mark.parametrize("name", ["moved", "with a 'quote' and %41 ?"])
def test_copied_folder_keeps_what_is_known(
    folder: Folder, opened: list[str], tmp_path: Path, name: str
) -> None:
    folder = evolve(folder, end="2024-01-05")
    folder.store("2024-01-02", "2024-01-03", "2024-01-04")
    folder.affirm_empty("2024-01-05")
    copy = evolve(folder, path=tmp_path / name)
    shutil.copytree(folder.path, copy.path, copy_function=shutil.copyfile)
    planned = copy.plan()
    assert texts(planned.present) == ["2024-01-02", "2024-01-03", "2024-01-04"]
    assert texts(planned.no_trades) == ["2024-01-05"]
    assert opened != []
    copy.adopt(planned)
    opened.clear()
    assert copy.plan().verified == {}
    assert opened == []
    assert {entry.source for entry in copy.entries().values()} == {"memory"}


def test_provisional_session_stays_so_in_a_copied_folder(folder: Folder) -> None:
    folder.store()
    noon = NOW.replace(month=1, day=4, hour=17)
    folder.store("2024-01-04", at=noon)
    for day in ("2024-01-03", "2024-01-04"):
        folder.touch(day, at=NOW)
    planned = folder.plan()
    assert texts(planned.missing) == ["2024-01-04"]
    folder.adopt(planned)
    assert texts(folder.plan().missing) == ["2024-01-04"]


def test_text_that_is_known_is_not_checked_line_by_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Folder(tmp_path)
    folder.store()
    folder.touch("2024-01-04", at=NOW)
    monkeypatch.setattr(contents, "sound_rows", None)
    assert folder.plan().present == folder.sessions


def test_regular_hours_stay_so_in_a_copied_folder(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.store(hours=Hours.REGULAR)
    assert folder.plan().missing == folder.sessions
    folder.touch("2024-01-04", at=NOW)
    assert folder.plan(hours=Hours.REGULAR).present == folder.sessions
    assert folder.plan().missing == folder.sessions


def test_file_that_was_deleted_is_missing(folder: Folder) -> None:
    folder.store()
    folder.file("2024-01-04").unlink()
    gone = ["2024-01-04"] if folder.resolution == "minute" else texts(folder.sessions)
    assert texts(folder.plan().missing) == gone


def test_file_that_was_cut_in_place_is_damaged(folder: Folder) -> None:
    folder.store()
    file = folder.file("2024-01-04")
    with file.open("r+b") as stream:
        stream.truncate(file.stat().st_size - 30)
    planned = folder.plan()
    assert planned.damaged == (file.relative_to(folder.path).as_posix(),)
    assert "2024-01-04" in texts(planned.missing)
    folder.adopt(planned)
    assert folder.plan().damaged == planned.damaged


def test_text_that_lean_would_misread_is_damaged(folder: Folder) -> None:
    folder.store()
    folder.file("2024-01-04").write_bytes(zip_bytes("spy.csv", b"20240104 00:00,1,2\nx"))
    planned = folder.plan()
    assert len(planned.damaged) == 1
    assert "2024-01-04" in texts(planned.missing)


def test_file_that_appears_counts_although_the_ledger_says_no_trades(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.store("2024-01-02")
    before = Ledger(folder.path).path.read_bytes()
    folder.store("2024-01-03")
    Ledger(folder.path).path.write_bytes(before)
    folder.affirm_empty("2024-01-03")
    planned = folder.plan()
    assert texts(planned.present) == ["2024-01-02", "2024-01-03"]
    folder.adopt(planned)
    assert folder.entries()["2024-01-03"].rows == 5


def test_rows_of_a_merged_file_are_known_each_by_itself(tmp_path: Path) -> None:
    folder = Folder(tmp_path, "daily")
    folder.store("2024-01-02", "2024-01-03")
    folder.store("2024-01-05")  # the file is another one now
    planned = folder.plan()
    folder.adopt(planned)
    assert {day: entry.source for day, entry in folder.entries().items()} == dict.fromkeys(
        ["2024-01-02", "2024-01-03", "2024-01-05"], "memory"
    )
    assert folder.plan().verified == {}


def test_what_another_process_recorded_meanwhile_stands(folder: Folder) -> None:
    folder.store()
    recorded = Ledger(folder.path).path.read_bytes()
    folder.forget()
    planned = folder.plan()
    Ledger(folder.path).path.write_bytes(recorded)
    folder.adopt(planned)
    assert {entry.source for entry in folder.entries().values()} == {"memory"}


def test_killed_between_zip_and_ledger_nothing_is_fetched_again(folder: Folder) -> None:
    folder.store("2024-01-02", "2024-01-03")
    before = Ledger(folder.path).path.read_bytes()
    folder.store("2024-01-04")
    Ledger(folder.path).path.write_bytes(before)
    planned = folder.plan()
    assert texts(planned.present) == ["2024-01-02", "2024-01-03", "2024-01-04"]
    assert [str(date) for date in planned.verified][-1] == "2024-01-04"


def test_session_that_a_shared_file_lacks_is_missing(tmp_path: Path) -> None:
    folder = Folder(tmp_path, "daily", end="2024-01-04")
    evolve(folder, end="2024-01-05").store("2024-01-02", "2024-01-03", "2024-01-05")
    assert texts(folder.plan().missing) == ["2024-01-04"]


def test_ledger_that_claims_stamps_of_no_file_is_not_believed(folder: Folder) -> None:
    folder.store()
    for session in folder.sessions:
        folder.file(str(session)).unlink(missing_ok=True)
    entries = folder.entries().items()
    lies = {dt.date.fromisoformat(day): evolve(e, size=-1, changed_ns=-1) for day, e in entries}
    with Ledger(folder.path) as ledger:
        ledger.adopt(folder.series, lies)
    assert folder.plan().missing == folder.sessions


def test_files_of_a_symbol_that_differs_by_case_are_refused(folder: Folder) -> None:
    folder.store()
    entries = folder.entries().items()
    others = {dt.date.fromisoformat(day): evolve(e, ticker="SpY", crc=1) for day, e in entries}
    folder.forget()
    with Ledger(folder.path) as ledger:
        ledger.adopt(folder.series, others)
    with pytest.raises(InvalidRequestError, match="separate data folder"):
        folder.plan()
