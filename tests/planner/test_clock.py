"""Times of files and of ledgers that lie."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from tests.planner.folder import NOW, Folder, texts

NOON = dt.datetime(2024, 1, 4, 17, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


@pytest.mark.parametrize(
    "at", [dt.datetime(1970, 1, 1, tzinfo=dt.UTC), NOW, NOW + dt.timedelta(days=4000)]
)
def test_age_of_a_file_alone_is_believed(folder: Folder, at: dt.datetime) -> None:
    folder.store()
    folder.forget()
    folder.touch("2024-01-04", at=at)
    planned = folder.plan()
    assert planned.present == folder.sessions
    folder.adopt(planned)
    assert folder.plan().present == folder.sessions


def test_file_stored_within_its_session_is_provisional(folder: Folder) -> None:
    folder.store()
    folder.forget()
    folder.touch("2024-01-04", at=NOON)
    for _ in range(2):
        planned = folder.plan()
        assert texts(planned.missing) == ["2024-01-04"]
        folder.adopt(planned)


def test_half_day_is_final_when_its_late_session_is_over(tmp_path: Path) -> None:
    folder = Folder(tmp_path, start="2024-11-29", end="2024-11-29")
    evening = dt.datetime(2024, 11, 29, 22, 15, tzinfo=dt.UTC)  # 17:15 in New York
    folder.store(at=evening - HOUR)
    assert folder.plan(at=evening - dt.timedelta(seconds=1)).unsettled == folder.sessions
    assert folder.plan(at=evening).missing == folder.sessions
    folder.store(at=evening)
    assert folder.plan(at=evening).present == folder.sessions


def test_empty_session_from_a_clock_far_ahead_is_asked_for_again(folder: Folder) -> None:
    folder.store("2024-01-02")
    folder.affirm_empty("2024-01-03", at=NOW + dt.timedelta(days=400))
    folder.affirm_empty("2024-01-04", at=NOW + HOUR)  # another run, a moment later
    assert texts(folder.plan().no_trades) == ["2024-01-04"]


def test_empty_session_from_a_clock_far_behind_is_asked_for_again(folder: Folder) -> None:
    folder.store("2024-01-02")
    folder.affirm_empty("2024-01-03", at=dt.datetime(1980, 1, 1, tzinfo=dt.UTC))
    assert "2024-01-03" in texts(folder.plan().missing)


def test_files_from_a_clock_far_ahead_are_believed(folder: Folder) -> None:
    folder.store(at=NOW + dt.timedelta(days=400))
    assert folder.plan().present == folder.sessions
