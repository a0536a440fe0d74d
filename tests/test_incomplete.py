"""Sessions that are going on are never stored as complete."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import leanfeed
from leanfeed import InvalidRequestError, Report, clock
from leanfeed.ledger import Ledger
from tests import build
from tests.build import MemorySource

NEW_YORK = ZoneInfo("America/New_York")
At = Callable[[str], None]
WEDNESDAY = "20240103_trade.zip"


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> At:
    """Ask as if it were another time in New York."""

    def at(time: str) -> None:
        now = dt.datetime.fromisoformat(time).replace(tzinfo=NEW_YORK)
        monkeypatch.setattr(clock, "now", lambda: now.astimezone(dt.UTC))

    return at


def ensure(folder: Path, source: MemorySource, resolution: str, **more: object) -> Report:
    asked = {"start": "2024-01-02", "end": "2024-01-03"} | more
    return leanfeed.ensure(
        "SPY",
        resolution=resolution,
        data_folder=folder,
        sources=[source],
        **asked,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize("time", ["2024-01-03 11:30", "2024-01-03 20:10"])
def test_session_going_on_or_not_settled_is_left_for_later(
    tmp_path: Path, at: At, time: str
) -> None:
    at(time)
    source = MemorySource()
    report = ensure(tmp_path, source, "minute")
    assert source.asked_sessions == ["2024-01-02"]
    assert {str(s): why for s, why in report.series[0].missing.items()} == {
        "2024-01-03": "the session is not over and settled yet; run again later"
    }


def test_session_counts_as_complete_once_it_is_settled(tmp_path: Path, at: At) -> None:
    at("2024-01-03 20:15")
    assert ensure(tmp_path, MemorySource(), "minute").complete


def test_default_end_is_the_last_settled_session(tmp_path: Path, at: At) -> None:
    at("2024-01-03 11:30")
    report = ensure(tmp_path, MemorySource(), "minute", end=None)
    assert report.complete
    assert report.window[1] == dt.date(2024, 1, 2)


@pytest.mark.parametrize("end", [None, "2024-01-03"])
@pytest.mark.parametrize("resolution", ["minute", "hour", "daily"])
def test_what_there_is_may_be_fetched_and_is_replaced_later(
    tmp_path: Path, at: At, resolution: str, end: str | None
) -> None:
    at("2024-01-03 11:30")
    first = ensure(tmp_path, MemorySource(), resolution, incomplete="fetch", end=end)
    assert [str(session) for session in first.series[0].provisional] == ["2024-01-03"]
    assert first.written_sessions == 2
    for time, price in (("2024-01-03 12:30", 101), ("2024-01-03 21:00", 102)):
        at(time)
        again = MemorySource(price=price)
        report = ensure(tmp_path, again, resolution, incomplete="fetch", end=end)
        assert again.asked_sessions == ["2024-01-03"]
        assert report.written_sessions == 1
    assert report.series[0].provisional == ()
    idle = MemorySource()
    assert ensure(tmp_path, idle, resolution).complete
    assert idle.asked == []


def test_session_that_has_not_begun_is_not_fetched(tmp_path: Path, at: At) -> None:
    at("2024-01-03 03:59")
    source = MemorySource()
    report = ensure(tmp_path, source, "minute", incomplete="fetch")
    assert source.asked_sessions == ["2024-01-02"]
    assert not report.complete


@pytest.mark.parametrize("resolution", ["minute", "daily"])
def test_without_the_ledger_the_file_itself_tells(tmp_path: Path, at: At, resolution: str) -> None:
    at("2024-01-03 11:30")
    ensure(tmp_path, MemorySource(), resolution, incomplete="fetch")
    Ledger(tmp_path).path.unlink()
    name = f"minute/spy/{WEDNESDAY}" if resolution == "minute" else "daily/spy.zip"
    noon = dt.datetime(2024, 1, 3, 12, tzinfo=NEW_YORK).timestamp()
    os.utime(tmp_path / "equity/usa" / name, (noon, noon))
    at("2024-01-03 21:00")
    source = MemorySource()
    ensure(tmp_path, source, resolution)
    assert "2024-01-03" in source.asked_sessions


def test_empty_session_affirmed_while_it_went_on_is_asked_again(tmp_path: Path, at: At) -> None:
    at("2024-01-03 04:05")
    empty = MemorySource(empty=frozenset({"2024-01-03"}))
    assert ensure(tmp_path, empty, "minute", incomplete="fetch").complete
    at("2024-01-03 21:00")
    source = MemorySource()
    assert ensure(tmp_path, source, "minute").complete
    assert source.asked_sessions == ["2024-01-03"]


def test_empty_session_is_believed_for_a_day_and_then_for_good(tmp_path: Path, at: At) -> None:
    empty = frozenset({"2024-01-03"})
    asked = []
    for time in ("2024-01-03 21:00", "2024-01-04 20:00", "2024-01-05 21:00", "2024-01-12 21:00"):
        at(time)
        source = MemorySource(empty=empty)
        assert ensure(tmp_path, source, "minute").complete
        asked.append("2024-01-03" in source.asked_sessions)
    at("2026-01-12 21:00")
    source = MemorySource()
    assert ensure(tmp_path, source, "minute").complete
    assert (asked, source.asked) == ([True, False, True, True], [])


def test_files_with_the_date_of_an_archive_are_believed(tmp_path: Path, at: At) -> None:
    at("2024-01-04 21:00")
    ensure(tmp_path, MemorySource(), "minute")
    Ledger(tmp_path).path.unlink()
    for path in (tmp_path / "equity/usa/minute/spy").iterdir():
        os.utime(path, (0, 0))
    idle = MemorySource()
    assert ensure(tmp_path, idle, "minute").complete
    assert idle.asked == []


def test_unknown_word_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequestError, match="'skip' or 'fetch'"):
        ensure(tmp_path, MemorySource(), "minute", incomplete="maybe")


def test_half_day_is_over_as_long_after_its_close_as_any_other(tmp_path: Path, at: At) -> None:
    half_day = {"start": "2024-11-29", "end": "2024-11-29"}
    at("2024-11-29 17:14")
    assert not ensure(tmp_path, MemorySource(), "minute", **half_day).complete
    at("2024-11-29 17:15")
    assert ensure(tmp_path, MemorySource(), "minute", **half_day).complete
    assert build.sessions("2024-11-29", "2024-11-29")[0].regular[0][1] == int(
        dt.datetime(2024, 11, 29, 13, tzinfo=NEW_YORK).timestamp() * 1000
    )
