"""The folder: where things are, what was recorded, and what cannot be reached."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from leanfeed.bars import Bars
from leanfeed.errors import ContractError, UnavailableError, WriteError
from leanfeed.recording.about import About, format_about, parse_about
from leanfeed.recording.folder import Recording
from leanfeed.recording.text import Head, Recorded
from leanfeed.values import Resolution, Series, Symbol

ABOUT = About(title="A test", made_by="a test", synthetic=True)
DAYS = [dt.date(2024, 11, day) for day in (1, 4, 5)]
SERIES = [Series(Symbol("BRK.B"), resolution) for resolution in Resolution]


@pytest.fixture
def recording(tmp_path: Path) -> Recording:
    return Recording.create(tmp_path / "recording", ABOUT)


def recorded(day: dt.date, price: float = 1.5) -> Recorded:
    time = int(dt.datetime(day.year, day.month, day.day, 15, tzinfo=dt.UTC).timestamp()) * 1000
    bars = Bars([time], [price], [price], [price], [price], [100])
    return Recorded(Head(day, "polygon"), bars)


def empty(day: dt.date) -> Recorded:
    return Recorded(Head(day, "polygon"))


def read(recording: Recording, series: Series, days: list[dt.date]) -> list[Recorded]:
    found = (recording.sections(series, day).get((day, "polygon")) for day in days)
    return [section for section in found if section is not None]


def files(recording: Recording) -> list[str]:
    folder = recording.folder
    found = [path for path in folder.rglob("*") if path.is_file() and path.name != ".lock"]
    return sorted(path.relative_to(folder).as_posix() for path in found)


def test_paths_follow_the_data_folder(recording: Recording) -> None:
    for series in SERIES:
        recording.write(series, map(recorded, DAYS[:2]))
    assert files(recording) == [
        "equity/usa/daily/brk.b_trade.csv",
        "equity/usa/hour/brk.b_trade.csv",
        "equity/usa/minute/brk.b/20241101_trade.csv",
        "equity/usa/minute/brk.b/20241104_trade.csv",
        "equity/usa/second/brk.b/20241101_trade.csv",
        "equity/usa/second/brk.b/20241104_trade.csv",
        "recording.toml",
    ]


@pytest.mark.parametrize("series", SERIES, ids=str)
class TestSessions:
    def test_recorded_empty_is_not_the_same_as_not_recorded(
        self, recording: Recording, series: Series
    ) -> None:
        sessions = [recorded(DAYS[0]), empty(DAYS[1])]
        recording.write(series, sessions)
        assert list(read(recording, series, DAYS)) == sessions

    def test_nothing_recorded(self, recording: Recording, series: Series) -> None:
        assert list(read(recording, series, DAYS)) == []

    def test_writing_again_replaces_those_sessions_only(
        self, recording: Recording, series: Series
    ) -> None:
        recording.write(series, map(recorded, reversed(DAYS)))
        recording.write(series, [recorded(DAYS[1], price=2.25)])
        assert list(read(recording, series, DAYS)) == [
            recorded(DAYS[0]),
            recorded(DAYS[1], price=2.25),
            recorded(DAYS[2]),
        ]

    def test_line_ends_of_windows_read_the_same(self, recording: Recording, series: Series) -> None:
        recording.write(series, map(recorded, DAYS))
        for path in recording.folder.rglob("*.csv"):
            path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
        assert list(read(recording, series, DAYS)) == list(map(recorded, DAYS))


def test_a_misnamed_file_is_refused(recording: Recording) -> None:
    minute = Series(Symbol("SPY"), Resolution.MINUTE)
    recording.write(minute, [recorded(DAYS[0])])
    folder = recording.folder / "equity/usa/minute/spy"
    (folder / "20241101_trade.csv").rename(folder / "20241104_trade.csv")
    with pytest.raises(ContractError, match=r"20241104_trade\.csv holds the session 2024-11-01"):
        list(read(recording, minute, DAYS))


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
def test_a_link_out_is_not_followed(recording: Recording, tmp_path: Path) -> None:
    daily = Series(Symbol("SPY"), Resolution.DAILY)
    recording.write(daily, map(recorded, DAYS))
    inside = recording.folder / "equity/usa/daily/spy_trade.csv"
    inside.rename(tmp_path / "outside.csv")
    inside.symlink_to(tmp_path / "outside.csv")
    with pytest.raises(ContractError, match="outside the recording"):
        list(read(recording, daily, DAYS))


def test_bytes_that_are_no_text(recording: Recording) -> None:
    daily = Series(Symbol("SPY"), Resolution.DAILY)
    recording.write(daily, map(recorded, DAYS))
    (recording.folder / "equity/usa/daily/spy_trade.csv").write_bytes(b"time\xff\n")
    with pytest.raises(ContractError, match=r"spy_trade\.csv is not UTF-8 text"):
        list(read(recording, daily, DAYS))


def test_a_refusing_disk_leaves_the_old_file_and_no_other(
    recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    daily = Series(Symbol("SPY"), Resolution.DAILY)
    recording.write(daily, [recorded(DAYS[0])])
    before = files(recording)

    def refuse(*_: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(WriteError, match=r"spy_trade\.csv cannot be written: No space left"):
        recording.write(daily, [recorded(DAYS[1])])
    assert files(recording) == before
    assert list(read(recording, daily, DAYS)) == [recorded(DAYS[0])]


@given(
    st.builds(
        About,
        title=st.text(st.characters(codec="utf-8")),
        made_by=st.text(st.characters(codec="utf-8")),
        made_on=st.none() | st.dates(),
        synthetic=st.booleans(),
        notes=st.lists(st.text(st.characters(codec="utf-8")), max_size=3).map(tuple),
    )
)
def test_what_a_recording_says_about_itself_reads_back(about: About) -> None:
    assert parse_about(format_about(about), "recording.toml") == about


def test_loading_what_was_created(recording: Recording) -> None:
    assert Recording.load(recording.folder) == recording


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("format = 1", "format = 2", "of form 2, and this leanfeed knows form 1"),
        ("format = 1", "", "of form None"),
        ("title", "titel", "malformed: .*titel"),
        ("synthetic = true", "synthetic = 1", "malformed: .*synthetic"),
        ("synthetic = true", "synthetic", "malformed: .*line"),
    ],
)
def test_an_unknown_form_is_refused(recording: Recording, old: str, new: str, reason: str) -> None:
    path = recording.folder / "recording.toml"
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(ContractError, match=rf"recording\.toml is {reason}"):
        Recording.load(recording.folder)


def test_a_folder_that_is_no_recording(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match=r"There is no recording in .*absent"):
        Recording.load(tmp_path / "absent")
