"""Sessions that are fetched again because the request says so."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import leanfeed
from leanfeed.ledger import Ledger
from leanfeed.refresh import parse_refresh
from tests.build import MemorySource
from tests.planner.folder import Folder, texts

TODAY = dt.date(2024, 6, 1)
TWO_DAYS = parse_refresh("2024-01-04..2024-01-05", today=TODAY)
ALL = parse_refresh("all", today=TODAY)
GROUPS = ("present", "no_trades", "missing", "refresh", "unsettled")


def test_nothing_is_fetched_again_unless_asked(folder: Folder) -> None:
    folder.store()
    planned = folder.plan()
    assert (planned.present, planned.refresh) == (folder.sessions, ())


def test_sessions_of_leanfeeds_own_are_fetched_again(folder: Folder) -> None:
    folder.store()
    planned = folder.plan(refresh=TWO_DAYS)
    assert texts(planned.refresh) == ["2024-01-04", "2024-01-05"]
    assert set(planned.present) == set(folder.sessions) - set(planned.refresh)
    assert planned.foreign == ()


def test_files_of_others_stay_unless_they_may_be_overwritten(folder: Folder) -> None:
    folder.store()
    folder.forget()
    planned = folder.plan(refresh=TWO_DAYS)
    assert (planned.present, planned.refresh) == (folder.sessions, ())
    assert texts(planned.foreign) == ["2024-01-04", "2024-01-05"]
    planned = folder.plan(refresh=TWO_DAYS, overwrite=True)
    assert texts(planned.refresh) == ["2024-01-04", "2024-01-05"]
    assert planned.foreign == ()


def test_adopted_files_are_not_leanfeeds_own(folder: Folder) -> None:
    folder.store()
    folder.forget()
    folder.adopt(folder.plan())
    assert folder.plan(refresh=ALL).foreign == folder.sessions


def test_file_that_somebody_replaced_is_not_leanfeeds_own_any_more(folder: Folder) -> None:
    folder.store()
    before = Ledger(folder.path).path.read_bytes()
    folder.store("2024-01-04", price=250)
    Ledger(folder.path).path.write_bytes(before)
    planned = folder.plan(refresh=ALL)
    assert texts(planned.foreign) == ["2024-01-04"]
    assert len(planned.refresh) == len(folder.sessions) - 1


def test_empty_sessions_are_asked_for_again(folder: Folder) -> None:
    folder.store("2024-01-02", "2024-01-03")
    folder.affirm_empty("2024-01-04", "2024-01-08")
    planned = folder.plan(refresh=TWO_DAYS)
    assert texts(planned.no_trades) == ["2024-01-08"]
    assert "2024-01-04" in texts(planned.missing)
    assert planned.refresh == ()


def test_groups_are_disjoint_and_lose_nothing(folder: Folder) -> None:
    folder.store("2024-01-02", "2024-01-03", "2024-01-04")
    folder.affirm_empty("2024-01-05", "2024-01-08")
    at = dt.datetime(2024, 1, 11, 20, tzinfo=dt.UTC)
    planned = folder.plan(refresh=TWO_DAYS, at=at)
    sorted_out = [session for group in GROUPS for session in getattr(planned, group)]
    assert len(sorted_out) == len(set(sorted_out))
    assert set(sorted_out) == set(folder.sessions)
    assert texts(planned.unsettled) == ["2024-01-11", "2024-01-12"]


def test_session_that_was_going_on_is_missing_and_not_refreshed(folder: Folder) -> None:
    folder.store()
    noon = dt.datetime(2024, 1, 4, 17, tzinfo=dt.UTC)
    folder.store("2024-01-04", at=noon)
    planned = folder.plan(refresh=TWO_DAYS)
    assert texts(planned.missing) == ["2024-01-04"]
    assert texts(planned.refresh) == ["2024-01-05"]


def test_road_asks_for_what_is_to_be_refreshed_and_nothing_else(tmp_path: Path) -> None:
    def ensure(price: float, **more: object) -> list[str]:
        source = MemorySource(price=price)
        leanfeed.ensure(
            "SPY",
            resolution="minute",
            start="2024-01-02",
            end="2024-01-05",
            data_folder=tmp_path,
            sources=[source],
            **more,  # type: ignore[arg-type]
        )
        return source.asked_sessions

    assert len(ensure(100)) == 4
    assert ensure(101, refresh="2024-01-03") == ["2024-01-03"]
    assert ensure(102, refresh="2024-01-03", verify="full") == ["2024-01-03"]
    assert ensure(103) == []
