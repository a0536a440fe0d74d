"""``leanfeed coverage`` and ``leanfeed why``: the calendar on a terminal, and lines elsewhere."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from rich.console import Console

import leanfeed
from leanfeed import Coverage
from leanfeed.cli import heat_map
from tests import build
from tests.planner.folder import Folder

Run = Callable[..., Result]
GOLDEN = Path(__file__).parent / "golden"
START, END = "2024-01-02", "2024-12-31"


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A year of minutes in which each state occurs."""
    made = Folder(tmp_path / "data", start=START, end=END)
    gone = {"2024-03-05", "2024-03-06", "2024-10-04"}
    empty = {"2024-06-05"}
    early = "2024-08-30"
    days = [str(s) for s in made.sessions]
    later = dt.datetime(2025, 2, 1, tzinfo=dt.UTC)
    made.store(*(day for day in days if day not in gone | empty | {early}), at=later)
    made.affirm_empty(*empty, at=later)
    made.store(early, at=dt.datetime(2024, 8, 30, 15, tzinfo=dt.UTC))
    made.file("2024-11-29").write_bytes(b"broken")
    return made


def drawn(coverage: Coverage, *, width: int = 80, encoding: str = "utf-8") -> str:
    console = Console(file=io.StringIO(), width=width, color_system=None, highlight=False)
    for line in heat_map.lines(coverage, width=width, encoding=encoding):
        console.print(line)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert max(map(len, text.splitlines())) <= width
    return str(text)


def looked_at(folder: Folder, **asked: str) -> Coverage:
    return leanfeed.coverage("SPY", resolution="minute", data_folder="data", **asked)


@pytest.mark.parametrize(
    ("name", "asked", "encoding"),
    [
        ("year", {}, "utf-8"),
        ("quarter", {"start": "2024-01-02", "end": "2024-03-28"}, "utf-8"),
        ("ascii", {"start": "2024-05-01", "end": "2024-12-31"}, "ascii"),
    ],
)
def test_the_calendar(name: str, asked: dict[str, str], encoding: str, folder: Folder) -> None:
    text = drawn(looked_at(folder, **asked), encoding=encoding)
    assert text == (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")


def test_marks_stand_where_the_days_are(folder: Folder) -> None:
    lines = drawn(looked_at(folder)).splitlines()
    (tuesday,) = [line for line in lines if line.startswith("   Tue")]
    marks = tuesday[8:]
    first_monday = dt.date(2024, 1, 1)
    for position, mark in enumerate(marks):
        day = first_monday + dt.timedelta(days=1, weeks=position)
        assert mark == ("×" if str(day) == "2024-03-05" else "■"), day


def test_many_series_have_a_row_each(tmp_path: Path) -> None:
    for number in range(50):
        source = build.MemorySource(lacks=frozenset({"2023-02-01"} if number == 7 else ()))
        leanfeed.ensure(
            f"T{number:02}",
            resolution="daily",
            start="2022-12-01",
            end="2023-02-10",
            sources=[source],
            data_folder="data",
        )
    text = drawn(leanfeed.coverage(data_folder="data"))
    rows = [line for line in text.splitlines() if line.startswith("  daily")]
    assert rows[0] == "  daily T07  ■■×    97.9 %"
    assert rows[1] == "  daily T00  ■■■   100.0 %"
    assert len(rows) == 40
    assert "and 10 more series, each at least 100.0 % there" in text


def test_colours_only_where_they_are_wanted(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def printed(**environment: str) -> str:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        console = Console(file=io.StringIO(), force_terminal=True, width=80)
        for line in heat_map.lines(looked_at(folder), width=80):
            console.print(line)
        return str(console.file.getvalue())  # type: ignore[attr-defined]

    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[32m■" in printed(TERM="xterm-256color")
    assert "\x1b[3" not in printed(TERM="xterm-256color", NO_COLOR="1")


def test_lines_in_a_pipe(folder: Folder, run: Run) -> None:
    result = run("coverage", "SPY", "--resolution", "minute", "--data-folder", "data")
    assert (result.exit_code, result.stderr) == (0, "")
    first, second, third = result.stdout.splitlines()
    assert first == "2024-01-02 … 2024-12-31 in data: 252 sessions of 1 series, 98.4 % there"
    assert second == (
        "  minute SPY: 246 present, 1 no trades, 3 missing (2024-03-05 … 2024-03-06, 2024-10-04), "
        "1 provisional (2024-08-30), 1 damaged (2024-11-29); by source: memory 247"
    )
    assert "20241129_trade.zip cannot be read" in third


def test_json(folder: Folder, run: Run) -> None:
    result = run("coverage", "--data-folder", "data", "--json")
    told = json.loads(result.stdout)
    assert told["percent"] == 98.406
    assert (told["present"], told["missing"], told["damaged"]) == (246, 3, 1)
    (series,) = told["series"]
    sessions = {session["date"]: session for session in series["sessions"]}
    assert sessions["2024-01-02"]["source"] == "memory"
    assert sessions["2024-03-05"]["why"] == "Nobody has given it yet."
    assert len(sessions) == 252


def test_what_is_wrong_is_told_in_a_sentence(run: Run) -> None:
    assert run("coverage").exit_code == 4
    assert run("coverage", "--resolution", "weekly").exit_code == 2
    assert run("why", "SPY").exit_code == 2
    assert run("why", "SPY", "2024-01-03", "--resolution", "minute").exit_code == 4


def test_why(folder: Folder, run: Run) -> None:
    path = "data/equity/usa/minute/spy/20240103_trade.zip"
    result = run("why", path)
    assert result.exit_code == 0
    assert result.stdout.startswith("minute SPY on 2024-01-03: present\n")
    told = json.loads(run("why", "spy", "20240103", "--resolution", "minute", "--json").stdout)
    assert (told["state"], told["is_verified"], told["source"]) == ("present", True, "memory")
