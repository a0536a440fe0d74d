"""A plan that was reviewed is carried out as it was, and refused where it does not fit."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

import leanfeed
from leanfeed import clock, events
from leanfeed.errors import InvalidRequestError

ASKED: dict[str, Any] = {"start": "2024-11-25", "end": "2024-11-29", "sources": "replay"}
#: Thursday the 28th was Thanksgiving.
DAYS = ["2024-11-25", "2024-11-26", "2024-11-27", "2024-11-29"]


def planned(**other: Any) -> leanfeed.Plan:
    asked = {"resolution": "minute,daily", **ASKED, **other}
    return leanfeed.plan("DEMO,THIN", **asked)


def altered(plan: leanfeed.Plan, **changes: Any) -> str:
    return json.dumps({**plan.to_dict(), **changes})


def dates(sessions: Any) -> list[str]:
    return [str(session) for session in sessions]


def test_a_plan_survives_its_file(tmp_path: Path) -> None:
    leanfeed.ensure("DEMO", resolution="minute", **{**ASKED, "end": "2024-11-26"})
    for folder in ("data", tmp_path / "data"):
        plan = planned(data_folder=folder, warmup=3, refresh="recent,2024-11-25")
        assert plan.refresh
        assert plan.present
        assert leanfeed.Plan.from_json(plan.to_json()) == plan
    assert planned(data_folder="other", warmup=3, refresh="recent,2024-11-25") != plan


def test_a_plan_of_renamed_and_unlisted_symbols_survives_its_file(tmp_path: Path) -> None:
    folder = tmp_path / "equity/usa/map_files"
    folder.mkdir(parents=True)
    (folder / "new.csv").write_text("20241126,demo\n20241127,old\n20501231,new\n")
    plan = leanfeed.plan("NEW", resolution="daily", data_folder=tmp_path, **ASKED)
    assert plan.unlisted
    assert leanfeed.Plan.from_json(plan.to_json()) == plan


def test_what_is_missing_is_fetched_and_a_second_time_nothing() -> None:
    plan = planned()
    report = leanfeed.apply(leanfeed.Plan.from_json(plan.to_json()))
    assert report.complete
    assert report.written_sessions == 16
    assert report.window == plan.window
    again = leanfeed.apply(plan)
    assert (again.written_sessions, again.cache_hits) == (0, 16)


def test_what_came_meanwhile_is_not_fetched_again() -> None:
    plan = planned()
    leanfeed.ensure("DEMO", resolution="minute", **{**ASKED, "end": "2024-11-26"})
    asked: list[int] = []

    def hear(event: events.Event) -> None:
        if isinstance(event, events.SourceStarted):
            asked.append(event.sessions)

    report = leanfeed.apply(plan, progress=hear)
    assert report.complete
    assert asked == [14]


def test_what_is_missing_since_is_left_alone() -> None:
    leanfeed.ensure("DEMO", resolution="minute", **ASKED)
    path = Path("data/equity/usa/minute/demo")
    (path / "20241127_trade.zip").unlink()
    plan = leanfeed.plan("DEMO", resolution="minute", **ASKED)
    (path / "20241125_trade.zip").unlink()
    report = leanfeed.apply(plan)
    assert dates(report.series[0].written) == ["2024-11-27"]
    assert not (path / "20241125_trade.zip").exists()


def test_a_session_taken_out_of_the_file_is_not_fetched() -> None:
    values = planned(resolution="minute").to_dict()
    values["series"][0]["missing"].remove("2024-11-26")
    report = leanfeed.apply(leanfeed.Plan.from_json(json.dumps(values)))
    assert dates(report.series[0].written) == ["2024-11-25", "2024-11-27", "2024-11-29"]
    assert dates(report.series[1].written) == DAYS


def test_what_is_to_be_refreshed_is_refreshed_once() -> None:
    leanfeed.ensure("DEMO", resolution="minute", **ASKED)
    plan = leanfeed.plan("DEMO", resolution="minute", refresh="2024-11-26", **ASKED)
    assert plan.refresh == 1
    assert dates(leanfeed.apply(plan).series[0].refreshed) == ["2024-11-26"]
    again = leanfeed.apply(plan)
    assert again.complete
    assert (dates(again.series[0].refreshed), again.cache_hits) == ([], 4)


def test_the_window_does_not_grow_with_the_days(monkeypatch: pytest.MonkeyPatch) -> None:
    now = dt.datetime(2024, 11, 27, 12, tzinfo=dt.UTC)
    monkeypatch.setattr(clock, "now", lambda: now)
    plan = leanfeed.plan("DEMO", resolution="daily", start="2024-11-25", sources="replay")
    monkeypatch.setattr(clock, "now", lambda: now + dt.timedelta(days=5))
    report = leanfeed.apply(plan)
    assert dates(report.series[0].written) == ["2024-11-25", "2024-11-26"]
    assert report.window == plan.window


@pytest.mark.parametrize(("days", "why"), [(8, "7 days ago"), (-2, "in the future")])
def test_a_plan_of_another_week_is_refused(
    days: int, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = planned()
    later = clock.now() + dt.timedelta(days=days)
    monkeypatch.setattr(clock, "now", lambda: later)
    with pytest.raises(InvalidRequestError, match=why):
        leanfeed.apply(plan)


def test_a_plan_for_another_folder_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = planned(data_folder=tmp_path / "here")
    with pytest.raises(InvalidRequestError, match="the one given is"):
        leanfeed.apply(plan, data_folder=tmp_path / "there")
    Path("leanfeed.toml").write_text('data_folder = "elsewhere"\n')
    with pytest.raises(InvalidRequestError, match=r"that of leanfeed\.toml is"):
        leanfeed.apply(plan)
    assert leanfeed.apply(plan, data_folder="here").complete


def test_a_plan_for_a_folder_that_is_gone_is_refused(tmp_path: Path) -> None:
    leanfeed.ensure("DEMO", resolution="minute", data_folder="old", **ASKED)
    plan = planned(data_folder="old")
    Path("old").rename("new")
    with pytest.raises(InvalidRequestError, match="is not there"):
        leanfeed.apply(plan)
    assert not Path("old").exists()


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"leanfeed": "0.0.1"}, "made by leanfeed 0.0.1"),
        ({"data_folder": "data"}, "no absolute path"),
        ({"series": [{}]}, "altered"),
        ({"series": None}, "altered"),
        ({"window": ["2024-11-31", "2024-12-01"]}, "altered"),
        ({"estimates": {"replay": {"cost": 1}}}, "altered"),
        ({"request": {}}, "altered"),
    ],
)
def test_a_file_that_was_altered_is_refused(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(InvalidRequestError, match=why):
        leanfeed.Plan.from_json(altered(planned(), **changes))


def test_a_day_without_a_session_is_refused() -> None:
    values = planned().to_dict()
    values["series"][0]["missing"].append("2024-11-28")
    with pytest.raises(InvalidRequestError, match="2024-11-28 is no trading day of DEMO"):
        leanfeed.Plan.from_json(json.dumps(values))


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", "[" * 100_000, '"leanfeed"'])
def test_what_is_no_plan_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequestError, match="is not what `leanfeed plan` saves"):
        leanfeed.Plan.from_json(text)


def test_no_secret_is_in_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLYGON_API_KEY", "k3y-0123456789")
    plan = planned(sources="polygon,replay")
    assert "polygon" in plan.to_json()
    assert "k3y" not in plan.to_json()


def test_the_bytes_are_those_of_the_files_that_are_there() -> None:
    unknown = leanfeed.plan("DEMO", resolution="minute", **ASKED)
    leanfeed.ensure("DEMO", resolution="minute", **{**ASKED, "end": "2024-11-27"})
    plan = leanfeed.plan("DEMO", resolution="minute", **ASKED)
    before = sum(path.stat().st_size for path in Path("data").rglob("*.zip"))
    assert plan.bytes == round(before / 3)
    assert plan.bytes != unknown.bytes // 4
    assert leanfeed.apply(plan).complete
    assert leanfeed.plan("DEMO", resolution="minute", **ASKED).bytes == 0


@pytest.mark.parametrize("resolution", ["second", "minute", "hour", "daily"])
def test_the_usual_bytes_are_those_of_lean(resolution: str, lean_data: Path) -> None:
    from leanfeed.values import Resolution
    from leanfeed.volume import _USUAL

    folder = lean_data / "equity/usa" / resolution
    if resolution in ("second", "minute"):
        sizes = [path.stat().st_size for path in folder.glob("*/*_trade.zip")]
        measured = sum(sizes) / len(sizes)
    else:
        files = sorted(folder.glob("*.zip"))[:60]
        sessions = sum(len(leanfeed.lean.session_dates(path)) for path in files)
        measured = sum(path.stat().st_size for path in files) / sessions
    assert _USUAL[Resolution(resolution)] == pytest.approx(measured, rel=0.4)
