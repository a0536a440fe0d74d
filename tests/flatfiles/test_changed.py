"""What the provider has published anew is fetched again, and nothing else."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

import leanfeed
from leanfeed import AuthenticationError, InvalidRequestError
from leanfeed.ledger import IngestionLog
from leanfeed_flatfiles.data_types import DataType
from tests.flatfiles.market import ensure, put_days
from tests.flatfiles.servers import Bucket
from tests.flatfiles.wire import Fault, Wire

MINUTE = DataType.STOCKS_MINUTE
DAYS = ("2024-05-30", "2024-05-31", "2024-06-03", "2024-06-04")
WINDOW = {"start": DAYS[0], "end": DAYS[-1]}


def dates(sessions: object) -> list[str]:
    return [str(session) for session in sessions]  # type: ignore[attr-defined]


@pytest.fixture
def folder(bucket: Bucket, tmp_path: Path) -> Path:
    """A data folder that was filled from the bucket."""
    put_days(bucket, MINUTE, *DAYS)
    folder = tmp_path / "data"
    report = ensure(bucket, folder, **WINDOW)
    assert report.complete
    assert report.written_sessions == 8
    return folder


def opens(folder: Path, ticker: str, date: str) -> list[float]:
    frame = leanfeed.load(ticker, resolution="minute", start=date, end=date, data_folder=folder)
    return list(frame.bars.open)


def test_only_sessions_of_the_new_file_are_fetched_again(bucket: Bucket, folder: Path) -> None:
    put_days(bucket, MINUTE, "2024-06-03", prices={"AAA": 50.0, "BBB": 101.0})
    with Wire(bucket.url) as wire:
        report = ensure(bucket, folder, **WINDOW, refresh="changed", endpoint=wire.url)
    assert report.complete
    assert {s.series.symbol.ticker: dates(s.refreshed) for s in report.series} == {
        "AAA": ["2024-06-03"],
        "BBB": ["2024-06-03"],
    }
    assert [dates(s.changed) for s in report.series] == [["2024-06-03"], []]
    assert opens(folder, "AAA", "2024-06-03") == [50.0] * 3
    # A list of each of the two months to see what changed, and one to fetch the file.
    assert [asked.is_list for asked in wire.asked].count(True) == 3
    assert len(wire.gets) == 1
    again = ensure(bucket, folder, **WINDOW, refresh="changed")
    assert [dates(s.refreshed) for s in again.series] == [[], []]


@pytest.mark.slow
def test_nothing_changed_means_one_list_a_month(bucket: Bucket, folder: Path) -> None:
    with Wire(bucket.url) as wire:
        report = ensure(bucket, folder, **WINDOW, refresh="changed", endpoint=wire.url)
        assert report.complete
        assert [asked.is_list for asked in wire.asked] == [True, True]
        assert ensure(bucket, folder, **WINDOW, endpoint=wire.url).complete
    assert len(wire.asked) == 2


@pytest.mark.slow
def test_a_file_is_known_session_by_session(bucket: Bucket, folder: Path) -> None:
    """What was taken of the new file meanwhile says nothing of sessions made from the old one."""
    prices = {"AAA": 50.0, "BBB": 60.0, "CCC": 70.0}
    put_days(bucket, MINUTE, "2024-06-03", prices=prices)
    assert ensure(bucket, folder, "CCC", start="2024-06-03", end="2024-06-03").complete
    report = ensure(bucket, folder, ("AAA", "CCC"), **WINDOW, refresh="changed")
    assert {s.series.symbol.ticker: dates(s.refreshed) for s in report.series} == {
        "AAA": ["2024-06-03"],
        "CCC": [],
    }


@pytest.mark.slow
def test_who_had_no_trades_may_have_some_in_the_new_file(bucket: Bucket, folder: Path) -> None:
    assert ensure(bucket, folder, "LATE", **WINDOW).complete
    put_days(bucket, MINUTE, "2024-06-04", prices={"AAA": 1.0, "LATE": 5.0})
    report = ensure(bucket, folder, "LATE", **WINDOW, refresh="changed")
    assert [dates(s.written) for s in report.series] == [["2024-06-04"]]
    assert opens(folder, "LATE", "2024-06-04") == [5.0] * 3


@pytest.mark.slow
def test_a_plan_says_what_changed_and_is_carried_out_as_it_is(bucket: Bucket, folder: Path) -> None:
    put_days(bucket, MINUTE, "2024-06-03", prices={"AAA": 50.0, "BBB": 60.0})
    config = folder.parent / "leanfeed.toml"
    plan = leanfeed.plan(
        "AAA",
        resolution="minute",
        **WINDOW,  # type: ignore[arg-type]
        refresh="changed",
        data_folder=folder,
        sources="flatfiles",
        config=config,
    )
    assert [dates(s.refresh) for s in plan.series] == [["2024-06-03"]]
    saved = leanfeed.Plan.from_json(plan.to_json())
    assert saved.request.refresh.changed
    put_days(bucket, MINUTE, "2024-06-04", prices={"AAA": 40.0, "BBB": 60.0})
    report = leanfeed.apply(saved, config=config)
    assert [dates(s.refreshed) for s in report.series] == [["2024-06-03"]]
    assert opens(folder, "AAA", "2024-06-03") == [50.0] * 3


@pytest.mark.slow
def test_who_cannot_be_asked_ends_the_run(bucket: Bucket, folder: Path) -> None:
    with (
        Wire(bucket.url, lambda asked: Fault(status=403)) as wire,
        pytest.raises(AuthenticationError, match="list flat files"),
    ):
        ensure(bucket, folder, **WINDOW, refresh="changed", endpoint=wire.url)


@pytest.mark.slow
def test_the_ledger_knows_each_file(bucket: Bucket, folder: Path) -> None:
    files = IngestionLog(folder, "flatfiles").files(MINUTE)
    assert [str(date) for date in files] == list(DAYS)
    first = files[dt.date(2024, 5, 30)]
    assert first.is_sound
    assert first.records == 6
    assert first.bytes == first.size > 100
    assert (first.downloads, first.errors) == (1, 0)
    put_days(bucket, MINUTE, DAYS[0], prices={"AAA": 1.0, "BBB": 2.0})
    ensure(bucket, folder, **WINDOW, refresh="changed")
    second = IngestionLog(folder, "flatfiles").files(MINUTE)[dt.date(2024, 5, 30)]
    assert second.downloads == 2
    assert second.etag != first.etag
    assert second.bytes == first.bytes + second.size


@pytest.mark.parametrize("value", ["change", "changed..2024-01-02"])
def test_other_words_are_refused(value: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidRequestError):
        leanfeed.plan("AAA", resolution="minute", start="2024-01-02", refresh=value)
