"""In which state each session is, and that nobody is asked and nothing written to find out."""

from __future__ import annotations

import datetime as dt
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings, strategies as st

import leanfeed
from leanfeed import InvalidRequestError, Reason, SeriesCoverage, State
from leanfeed.values import Hours
from tests import build
from tests.coverages.large import large
from tests.planner.folder import NOW, Folder, texts

ASKED = {"resolution": "minute", "start": "2024-01-02", "end": "2024-01-12"}


@pytest.fixture(params=["minute", "hour", "daily"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Folder:
    return Folder(tmp_path / "data", request.param)


def covered(folder: Folder, **more: object) -> SeriesCoverage:
    asked = {"start": folder.start, "end": folder.end} | more
    found = leanfeed.coverage(
        "SPY",
        resolution=folder.resolution,
        data_folder=folder.path,
        **asked,  # type: ignore[arg-type]
    )
    (one,) = found.series
    return one


def reasons(one: SeriesCoverage) -> dict[str, Reason]:
    return {str(s): r for s, r in zip(one.sessions, one.reasons, strict=True)}


def test_every_session_is_in_one_state(folder: Folder) -> None:
    folder.store("2024-01-02", "2024-01-03")
    folder.affirm_empty("2024-01-04")
    one = covered(folder)
    assert texts(one.of(State.PRESENT)) == ["2024-01-02", "2024-01-03"]
    assert texts(one.of(State.NO_TRADES)) == ["2024-01-04"]
    assert len(one.of(State.MISSING)) == 6
    assert one.percent == pytest.approx(100 * 3 / 9)
    assert one.by_source == {"memory": 3}


def test_what_is_known_stands_beside(folder: Folder) -> None:
    folder.store("2024-01-02", bars=7)
    first, second, *_ = covered(folder).cells
    assert first.fact is not None
    assert (first.fact.source, first.fact.affirmed_at) == ("memory", NOW)
    assert first.fact.rows == (1 if folder.resolution == "daily" else 7)
    entry = folder.entries()["2024-01-02"]
    assert first.fact.digest == f"{entry.crc:08x}"
    assert (second.fact, second.reason) == (None, Reason.NEVER_STORED)


def test_without_the_ledger_the_files_tell(folder: Folder) -> None:
    folder.store("2024-01-02", "2024-01-03")
    folder.forget()
    one = covered(folder)
    assert reasons(one)["2024-01-02"] is Reason.FOUND
    assert one.counts[State.PRESENT] == 2
    assert one.by_source == {}
    cell = next(one.cells)
    assert cell.fact is not None
    assert (cell.fact.source, cell.fact.rows > 0) == ("", True)


def test_a_file_that_is_gone(folder: Folder) -> None:
    folder.store("2024-01-02", "2024-01-03")
    folder.file("2024-01-03").unlink()
    found = reasons(covered(folder))
    assert found["2024-01-03"] is Reason.REMOVED


def test_a_file_that_cannot_be_read(folder: Folder) -> None:
    folder.store("2024-01-02", "2024-01-03")
    folder.file("2024-01-03").write_bytes(b"no zip")
    one = covered(folder)
    assert reasons(one)["2024-01-03"] is Reason.UNREADABLE
    # An hour or daily file is that of every session.
    is_shared = folder.resolution != "minute"
    assert len(one.of(State.DAMAGED)) == (9 if is_shared else 1)
    (reason,) = one.damaged.values()
    assert "not a sound zip" in reason


def test_stored_while_it_was_going_on(folder: Folder) -> None:
    at = dt.datetime(2024, 1, 4, 16, tzinfo=dt.UTC)
    folder.store("2024-01-04", at=at)
    assert reasons(covered(folder))["2024-01-04"] is Reason.EARLY


def test_not_over_yet(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.store("2024-01-11")
    monkeypatch.setattr("leanfeed.clock.now", lambda: dt.datetime(2024, 1, 12, 16, tzinfo=dt.UTC))
    one = covered(folder)
    assert reasons(one)["2024-01-12"] is Reason.UNSETTLED
    assert one.percent == pytest.approx(100 / 8)  # it counts neither way


def test_only_the_regular_hours(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "data")
    folder.store("2024-01-02", hours=Hours.REGULAR)
    assert reasons(covered(folder))["2024-01-02"] is Reason.REGULAR_ONLY
    assert reasons(covered(folder, session="regular"))["2024-01-02"] is Reason.STORED


def test_no_trades_that_are_doubted(folder: Folder) -> None:
    folder.store("2024-01-02")
    folder.affirm_empty("2024-01-12", at=dt.datetime(2024, 1, 13, 12, tzinfo=dt.UTC))
    assert reasons(covered(folder))["2024-01-12"] is Reason.DOUBTED


def test_everything_from_its_own_first_day_to_its_last(folder: Folder) -> None:
    folder.store("2024-01-03", "2024-01-09")
    found = leanfeed.coverage(data_folder=folder.path)
    (one,) = found.series
    assert found.window == (dt.date(2024, 1, 3), dt.date(2024, 1, 9))
    assert (one.counts[State.PRESENT], one.counts[State.MISSING]) == (2, 3)
    assert str(found).startswith("2024-01-03 … 2024-01-09 in ")


def test_with_a_first_day_alone_to_the_last_complete_session(folder: Folder) -> None:
    folder.store("2024-01-03")
    arguments = {"resolution": folder.resolution, "start": "2024-01-03"}
    found = leanfeed.coverage("SPY", data_folder=folder.path, **arguments)
    assert found.window == leanfeed.plan("SPY", data_folder=folder.path, **arguments).window


def test_what_is_not_on_disk_has_no_first_day(folder: Folder) -> None:
    folder.path.mkdir()
    found = leanfeed.coverage("SPY", resolution=folder.resolution, data_folder=folder.path)
    assert (found.series, [str(s.symbol) for s in found.absent]) == ((), ["SPY"])
    assert "SPY: nothing on disk" in str(found)
    assert found.percent is None


def test_what_was_asked_for_in_vain_is_told(folder: Folder) -> None:
    class Deaf(build.MemorySource):
        def fetch(self, gaps: object) -> Iterator[leanfeed.Delivery]:
            raise leanfeed.UnavailableError("It is down. Try later.")

    folder.store("2024-01-03")
    asked = {"resolution": folder.resolution, "data_folder": folder.path}
    window = {"start": "2024-01-03", "end": "2024-01-03"}
    leanfeed.ensure(["SPY", "QQQ"], sources=[Deaf()], **asked, **window)  # type: ignore[arg-type]
    found = leanfeed.coverage(data_folder=folder.path)
    assert [str(s.symbol) for s in found.absent] == ["QQQ"]
    assert str(found).splitlines()[0].endswith("100.0 % there; nothing on disk of 1 series")
    assert f"  {folder.resolution} QQQ: nothing on disk" in str(found)
    missing = leanfeed.coverage(data_folder=folder.path, **window)  # type: ignore[arg-type]
    lacking = {str(s.series.symbol): s.counts[State.MISSING] for s in missing.series}
    assert lacking == {"SPY": 0, "QQQ": 1}
    other = "daily" if folder.resolution == "minute" else "minute"
    assert not leanfeed.coverage(resolution=other, data_folder=folder.path).absent
    leanfeed.ensure(["SPY", "QQQ"], sources=[build.MemorySource()], **asked, **window)  # type: ignore[arg-type]
    assert not leanfeed.coverage(data_folder=folder.path).absent


def test_nothing_is_written(folder: Folder) -> None:
    folder.store()
    folder.forget()  # every file is opened, and a run would remember that
    for path in (folder.path, *folder.path.rglob("*")):
        path.chmod(stat.S_IREAD | (stat.S_IEXEC if path.is_dir() else 0))
    before = sorted((str(p), p.stat().st_mtime_ns) for p in folder.path.rglob("*"))
    try:
        assert covered(folder).counts[State.PRESENT] == 9
        assert sorted((str(p), p.stat().st_mtime_ns) for p in folder.path.rglob("*")) == before
    finally:
        for path in (folder.path, *folder.path.rglob("*")):
            path.chmod(stat.S_IRWXU)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(leanfeed.ConfigurationError, match="There is no data folder"):
        leanfeed.coverage(data_folder=tmp_path / "nowhere")
    with pytest.raises(InvalidRequestError):
        leanfeed.coverage("S:PY", data_folder=tmp_path)


def test_tickers_of_old_come_with_the_symbol(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "data", "daily")
    folder.store()
    where = folder.path / "equity/usa"
    (where / "map_files").mkdir()
    (where / "map_files/nspy.csv").write_text("19980102,spy\n20240105,spy\n20501231,nspy\n")
    shutil.copy(where / "daily/spy.zip", where / "daily/nspy.zip")
    found = leanfeed.coverage(data_folder=folder.path)
    windows = {str(s.series.symbol): texts(s.sessions) for s in found.series}
    assert windows["SPY"] == ["2024-01-02", "2024-01-03", "2024-01-04", "2024-01-05"]
    assert windows["NSPY"][0] == "2024-01-08"
    assert [str(s) for s in found.series[0].asked_as] == ["NSPY"]


DAYS = [str(session) for session in Folder(Path()).sessions]
KINDS = st.sampled_from(["stored", "empty", "broken", "removed", "early", "nothing"])


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(KINDS, min_size=len(DAYS), max_size=len(DAYS)))
def test_the_states_share_what_was_asked_and_agree_with_the_plan(
    tmp_path_factory: pytest.TempPathFactory, kinds: list[str]
) -> None:
    folder = Folder(tmp_path_factory.mktemp("any") / "data")
    folder.path.mkdir()
    during = {day: dt.datetime.fromisoformat(f"{day}T16:00:00+00:00") for day in DAYS}
    for day, kind in zip(DAYS, kinds, strict=True):
        if kind == "empty":
            folder.affirm_empty(day)
        elif kind != "nothing":
            folder.store(day, at=during[day] if kind == "early" else NOW)
        if kind == "broken":
            folder.file(day).write_bytes(b"broken")
        if kind == "removed":
            folder.file(day).unlink()
    one = covered(folder)
    (planned,) = leanfeed.plan("SPY", data_folder=folder.path, **ASKED).series
    by_state = {state: set(one.of(state)) for state in State}
    assert sum(map(len, by_state.values())) == len(one.sessions) == sum(one.counts.values())
    assert set().union(*by_state.values()) == set(folder.sessions)
    assert by_state[State.PRESENT] == set(planned.present)
    assert by_state[State.NO_TRADES] == set(planned.no_trades)
    lacking = (State.MISSING, State.DAMAGED, State.PROVISIONAL)
    assert set().union(*(by_state[state] for state in lacking)) == set(planned.missing)
    expected = {
        "broken": Reason.UNREADABLE,
        "removed": Reason.REMOVED,
        "early": Reason.EARLY,
        "nothing": Reason.NEVER_STORED,
        "stored": Reason.STORED,
    }
    found = reasons(one)
    for day, kind in zip(DAYS, kinds, strict=True):
        assert found[day] is expected.get(kind, found[day])


def test_a_ledger_with_nonsense_is_not_believed(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "data")
    folder.store("2024-01-02")
    connection = sqlite3.connect(folder.path / ".leanfeed/ledger.sqlite")
    with connection:
        connection.execute("UPDATE session SET affirmed_at = 9e300, crc = -5")
    connection.close()
    (fact, *_) = (cell.fact for cell in covered(folder).cells)
    assert fact is not None
    assert (fact.affirmed_at.year, fact.digest) == (1970, "")


def test_in_a_notebook(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "<data>")
    folder.store("2024-01-02", "2024-01-04")
    html = leanfeed.coverage("SPY", data_folder=folder.path, **ASKED)._repr_html_()
    assert "&lt;data&gt;" in html
    assert "<script" not in html
    assert html.count("<svg ") == 3  # a strip, and a key of two states
    assert "22.2 %" in html
    assert "#" not in html  # no colour of its own: fit for light and dark
    nothing = leanfeed.coverage("QQQ", data_folder=folder.path)._repr_html_()
    assert "no sessions" in nothing
    many = large(series=30, start="2024-01-02", end="2024-02-29")._repr_html_()
    assert "10 more series lack no more than these" in many
    assert len(many) < 20_000


def test_a_page_of_nothing(tmp_path: Path) -> None:
    page = leanfeed.coverage(data_folder=tmp_path).to_html()
    assert "No sessions" in page
    assert page.count("</script>") == 2


def test_hostile_names_are_only_names(tmp_path: Path) -> None:
    hostile = "</script><script>alert(1)</script>"
    coverage = large(series=1, start="2024-01-02", end="2024-01-12")
    (one,) = coverage.series
    count = len(one.sessions)
    facts = evolve(one.facts, sources=(hostile,) * count, fallbacks=(hostile,) * count)
    made = evolve(
        coverage,
        data_folder=Path(hostile),
        series=(evolve(one, facts=facts, damaged={"x": hostile}),),
    )
    for text in (made.to_html(), made._repr_html_()):
        assert "<script>alert" not in text
    assert made.to_html().count("</script>") == 2
