"""``leanfeed.why``: the answers, for what is there and for what is not."""

from __future__ import annotations

import datetime as dt
import sqlite3
from pathlib import Path

import pytest

import leanfeed
from leanfeed import InvalidRequestError, Reason, State, Why, Written
from leanfeed.ledger import Ledger
from leanfeed.values import Hours
from tests import build
from tests.planner.folder import NOW, Folder


@pytest.fixture(params=["minute", "hour", "daily"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Folder:
    return Folder(tmp_path / "data", request.param)


def asked(folder: Folder, day: str) -> Why:
    """By the file; by the symbol it is the same."""
    by_file = leanfeed.why(folder.file(day), day)
    by_name = leanfeed.why("SPY", day, resolution=folder.resolution, data_folder=folder.path)
    assert by_file == by_name
    return by_file


def test_what_was_stored(folder: Folder) -> None:
    folder.store()
    answer = asked(folder, "2024-01-03")
    assert (answer.state, answer.is_verified) == (State.PRESENT, True)
    assert answer.size == folder.file("2024-01-03").stat().st_size
    text = str(answer)
    assert text.startswith(f"{folder.resolution} SPY on 2024-01-03: present\n  leanfeed stored it.")
    assert "source:      memory\n" in text
    assert f"{folder.entries()['2024-01-03'].crc:08x}, and the file has it" in text


def test_what_was_once_stored_is_no_present_fact(folder: Folder) -> None:
    folder.store()
    assert "  since: " in str(asked(folder, "2024-01-03"))
    folder.file("2024-01-03").unlink()
    text = str(asked(folder, "2024-01-03"))
    assert ": missing" in text.splitlines()[0]
    assert "  source then: memory" in text
    assert "  bars then: " in text
    assert "  stored: " in text
    assert "since:" not in text


def test_request_id_and_fallback_are_told(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "data")
    folder.store("2024-01-03")
    path = "equity/usa/minute/spy/20240103_trade.zip"
    written = Written(folder.series, folder.sessions[1], "lean-cli", "r-17", rows=5, path=path)
    with Ledger(folder.path) as ledger:
        ledger.record(written, hours=Hours.EXTENDED, at=NOW, note="polygon: no network")
    text = str(asked(folder, "2024-01-03"))
    assert "request id:  r-17" in text
    assert "asked after: polygon: no network" in text
    assert leanfeed.why(folder.file("2024-01-03")).to_dict()["fallback"] == "polygon: no network"


def test_other_bars_than_were_stored(folder: Folder) -> None:
    folder.store()
    remembered = folder.entries()["2024-01-03"]
    other = Folder(folder.path.parent / "other", folder.resolution)
    other.store(price=7.0)
    other.file("2024-01-03").replace(folder.file("2024-01-03"))
    answer = asked(folder, "2024-01-03")
    assert (answer.state, answer.is_verified) == (State.PRESENT, False)
    assert answer.remembered is not None
    assert answer.remembered.digest == f"{remembered.crc:08x}"
    assert "memory had given other bars" in str(answer)


def test_a_file_that_was_only_touched_is_the_same(folder: Folder) -> None:
    folder.store()
    folder.touch("2024-01-03", at=NOW)
    answer = asked(folder, "2024-01-03")
    assert (answer.state, answer.is_verified) == (State.PRESENT, True)
    assert answer.cell is not None
    assert answer.cell.reason is Reason.STORED


def test_damage_is_found_even_where_size_and_time_are_the_same(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "data")
    folder.store()
    path = folder.file("2024-01-03")
    content = bytearray(path.read_bytes())
    content[70] ^= 0xFF
    folder.rot("2024-01-03", bytes(content))
    assert leanfeed.coverage(data_folder=folder.path).counts[State.DAMAGED] == 0  # as the plan
    answer = asked(folder, "2024-01-03")
    assert answer.state is State.DAMAGED
    assert "not a sound zip" in str(answer)


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        ("2024-01-06", "The market is closed on Saturdays."),
        ("2024-01-15", "It is a holiday of the market."),
        ("1912-01-03", "knows the trading days from"),
    ],
)
def test_days_without_a_session(day: str, reason: str, folder: Folder) -> None:
    folder.store("2024-01-03")
    answer = asked(folder, day)
    assert answer.state is None
    assert reason in str(answer)
    assert answer.to_dict()["state"] is None


def test_days_that_are_not_settled(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.path.mkdir()
    during = dt.datetime(2024, 1, 12, 16, tzinfo=dt.UTC)
    monkeypatch.setattr("leanfeed.clock.now", lambda: during)
    answer = asked(folder, "2024-01-12")
    assert answer.state is State.PROVISIONAL
    assert "Its last bar ends at 2024-01-13 01:00 UTC." in answer.reasons


def test_never_asked_for(folder: Folder) -> None:
    folder.store("2024-01-03")
    answer = asked(folder, "2024-01-04")
    assert answer.cell is not None
    assert answer.cell.reason is Reason.NEVER_STORED
    assert (
        f"To fetch it: leanfeed ensure SPY --resolution {folder.resolution} --start 2024-01-04 "
        f"--end 2024-01-04 --data-folder {folder.path}"
    ) in answer.reasons


def test_how_to_fetch_a_chain(tmp_path: Path) -> None:
    answer = leanfeed.why(
        "SPY",
        "2024-01-04",
        resolution="minute",
        security_type="option",
        data_folder=tmp_path,
    )
    assert answer.reasons[-1] == (
        "To fetch it: leanfeed ensure SPY --security-type option --resolution minute "
        f"--start 2024-01-04 --end 2024-01-04 --data-folder {tmp_path}"
    )


def test_affirmed_empty_and_by_whom(folder: Folder) -> None:
    folder.store("2024-01-03")
    folder.affirm_empty("2024-01-04", "2024-01-05")
    answer = asked(folder, "2024-01-05")
    assert answer.state is State.NO_TRADES
    assert answer.cell is not None
    assert answer.cell.fact is not None
    assert answer.cell.fact.source == "memory"


@pytest.mark.parametrize(
    ("stored", "bars", "at", "doubt"),
    [
        ("2024-01-03", 5, "2024-01-05T12:00", "The session was not over"),
        ("2024-01-03", 5, "2024-01-07T12:00", "within a week of the session"),
        ("", 5, "2024-02-01T12:00", "Nothing is known of the symbol"),
        ("2024-01-04,2024-01-08", 300, "2024-02-01T12:00", "The sessions around it are full"),
    ],
)
def test_affirmed_empty_and_not_believed(
    stored: str, bars: int, at: str, doubt: str, tmp_path: Path
) -> None:
    folder = Folder(tmp_path / "data")
    folder.path.mkdir()
    if stored:
        folder.store(*stored.split(","), bars=bars)
    folder.affirm_empty("2024-01-05", at=dt.datetime.fromisoformat(f"{at}+00:00"))
    answer = asked(folder, "2024-01-05")
    assert answer.state is State.MISSING
    assert doubt in str(answer)


def test_an_hour_or_daily_file_answers_for_its_last_day(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "data", "daily")
    folder.store()
    assert str(leanfeed.why(folder.file("")).date) == "2024-01-12"
    folder.file("").write_bytes(b"broken")
    with pytest.raises(InvalidRequestError, match="does not say which day"):
        leanfeed.why(folder.file(""))


def test_a_ticker_of_old(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "data", "daily")
    folder.store()
    maps = folder.path / "equity/usa/map_files"
    maps.mkdir()
    (maps / "nspy.csv").write_text("20240103,spy\n20240105,spy\n20501231,nspy\n")
    answer = leanfeed.why("NSPY", "2024-01-04", resolution="daily", data_folder=folder.path)
    assert (str(answer.series.symbol), answer.state) == ("SPY", State.PRESENT)
    answer = leanfeed.why("NSPY", "2024-01-02", resolution="daily", data_folder=folder.path)
    assert answer.reasons == ("By its map file NSPY was not listed on that day.",)


def test_a_preferred_share_is_found_by_its_file(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    source = build.MemorySource()
    leanfeed.ensure(
        "AAMpA",
        resolution="minute",
        start="2024-01-02",
        end="2024-01-02",
        sources=[source],
        data_folder=folder,
    )
    answer = leanfeed.why(folder / "equity/usa/minute/aampa/20240102_trade.zip")
    assert (str(answer.series.symbol), answer.state) == ("AAMpA", State.PRESENT)
    (one,) = leanfeed.coverage(data_folder=folder).series
    assert one.by_source == {"MemorySource": 1}


@pytest.mark.parametrize(
    ("what", "more"),
    [
        ("SPY", {"date": "2024-01-03"}),
        ("SPY", {"resolution": "minute"}),
        ("SPY", {"resolution": "minute,daily", "date": "2024-01-03"}),
        ("elsewhere/spy.zip", {}),
        ("option/usa/minute/spy/20240103_quote_american.zip", {}),
        ("equity/usa/minute/spy/20240103_trade.zip", {"date": "2024-01-04"}),
    ],
)
def test_questions_that_cannot_be_understood(what: str, more: dict[str, str]) -> None:
    with pytest.raises(InvalidRequestError):
        leanfeed.why(what, **more)


def test_a_relative_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Folder(tmp_path / "data")
    folder.store()
    monkeypatch.chdir(folder.file("2024-01-03").parent)
    assert leanfeed.why("20240103_trade.zip").state is State.PRESENT


def ensured(folder: Folder, source: build.MemorySource) -> None:
    leanfeed.ensure(
        "SPY",
        resolution=folder.resolution,
        start=folder.start,
        end=folder.end,
        sources=[source],
        data_folder=folder.path,
    )


def test_asked_for_in_vain(folder: Folder) -> None:
    folder.store("2024-01-02")
    ensured(folder, build.MemorySource(lacks=frozenset({"2024-01-04", "2024-01-05"})))
    text = str(asked(folder, "2024-01-05"))
    assert "in vain: MemorySource: no answer for it." in text
    assert "nobody was asked" not in text
    error = leanfeed.UnavailableError("nobody answers; wait")
    ensured(folder, build.MemorySource(error=error, fails_after=0))
    assert "no answer for it" not in str(asked(folder, "2024-01-04"))
    assert "in vain: MemorySource: nobody answers; wait" in str(asked(folder, "2024-01-04"))
    ensured(folder, build.MemorySource())
    assert "in vain" not in str(asked(folder, "2024-01-04"))


def test_a_run_that_fails_alike_takes_one_row(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "data", end="2024-06-28")
    folder.path.mkdir()
    ensured(folder, build.MemorySource(fails_after=0))
    ensured(folder, build.MemorySource(fails_after=0))
    connection = sqlite3.connect(folder.path / ".leanfeed/ledger.sqlite")
    rows = connection.execute("SELECT first, last FROM unanswered").fetchall()
    connection.close()
    assert rows == [(20240102, 20240628)]
