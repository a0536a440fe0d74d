"""Files taken in by kind and date, and what is known of them afterwards."""

from __future__ import annotations

import asyncio
import datetime as dt
import gzip
from pathlib import Path
from typing import Any

import pytest

import leanfeed
import leanfeed_flatfiles
from leanfeed import InvalidRequestError
from leanfeed_flatfiles import DataType, FlatFilesSource, IngestionState, aio
from tests.flatfiles.made_files import HEADER, row
from tests.flatfiles.market import put_days
from tests.flatfiles.servers import Bucket
from tests.flatfiles.wire import Asked, Fault, Wire

DAYS = ("2024-06-03", "2024-06-04", "2024-06-05")


@pytest.fixture
def where(bucket: Bucket, tmp_path: Path) -> dict[str, Any]:
    put_days(bucket, DataType.STOCKS_MINUTE, *DAYS)
    put_days(bucket, DataType.STOCKS_DAILY, *DAYS)
    source = FlatFilesSource(**bucket.settings(data_folder=tmp_path))
    return {"source": source, "data_folder": tmp_path}


def status(folder: Path, date: str, kind: str = "stocks_minute") -> Any:
    return leanfeed_flatfiles.get_ingestion_status(kind, date, data_folder=folder)


def test_a_day_is_taken_in_and_known(where: dict[str, Any], tmp_path: Path) -> None:
    assert status(tmp_path, DAYS[0]).state is IngestionState.NOT_INGESTED
    report = leanfeed_flatfiles.ingest_date("stocks_minute", DAYS[0], symbols="AAA,BBB", **where)
    assert report.complete
    assert report.written_sessions == 2
    found = status(tmp_path, DAYS[0])
    assert found.state is IngestionState.INGESTED
    assert (found.file.records, found.file.downloads, found.file.errors) == (6, 1, 0)
    assert found.file.seconds > 0
    assert found.to_dict()["state"] == "ingested"
    assert len(leanfeed.load("AAA", resolution="minute", data_folder=tmp_path).bars) == 3


@pytest.mark.slow
def test_all_symbols_are_taken_unless_some_are_named(where: dict[str, Any], tmp_path: Path) -> None:
    report = leanfeed_flatfiles.ingest_date("stocks_minute", DAYS[0], **where)
    assert [str(s.series.symbol) for s in report.series] == ["AAA", "BBB"]
    assert report.written_sessions == 2


@pytest.mark.slow
def test_a_range_is_taken_in_once(bucket: Bucket, where: dict[str, Any], tmp_path: Path) -> None:
    with Wire(bucket.url) as wire:
        source = FlatFilesSource(**bucket.settings(endpoint=wire.url, data_folder=tmp_path))
        what = {"symbols": "AAA", "source": source, "data_folder": tmp_path}
        take = leanfeed_flatfiles.ingest_date_range
        assert take("stocks_daily", DAYS[0], DAYS[1], **what).written_sessions == 2
        assert take("stocks_daily", DAYS[0], DAYS[2], **what).written_sessions == 1
        assert len(wire.gets) == 3
        put_days(bucket, DataType.STOCKS_DAILY, DAYS[1], prices={"AAA": 9.0})
        again = take("stocks_daily", DAYS[0], DAYS[2], **what)
        assert [str(s) for s in again.series[0].changed] == [DAYS[1]]
        assert len(wire.gets) == 4
        everything = take("stocks_daily", DAYS[0], DAYS[2], **what, incremental=False)
        assert len(everything.series[0].refreshed) == 3
        assert len(wire.gets) == 7


@pytest.mark.slow
def test_statistics_add_up(bucket: Bucket, where: dict[str, Any], tmp_path: Path) -> None:
    take = leanfeed_flatfiles.ingest_date_range
    take("stocks_minute", DAYS[0], DAYS[1], symbols="AAA", **where)
    take("stocks_daily", DAYS[0], DAYS[0], symbols="AAA", **where)
    minutes = leanfeed_flatfiles.get_statistics("stocks_minute", data_folder=tmp_path)
    assert (minutes.ingested, minutes.downloads, minutes.errors) == (2, 2, 0)
    assert (minutes.records, str(minutes.first), str(minutes.last)) == (6, DAYS[0], DAYS[1])
    total = leanfeed_flatfiles.get_statistics(data_folder=tmp_path)
    assert (total.ingested, total.records) == (3, 7)
    assert total.bytes > minutes.bytes > 0
    assert total.to_dict()["first"] == DAYS[0]


@pytest.mark.slow
def test_a_failure_is_kept_until_it_is_mended(
    bucket: Bucket, where: dict[str, Any], tmp_path: Path
) -> None:
    def fault(asked: Asked) -> Fault | None:
        return None if asked.is_list else Fault(status=403)

    with Wire(bucket.url, fault) as wire:
        source = FlatFilesSource(**bucket.settings(endpoint=wire.url, data_folder=tmp_path))
        report = leanfeed_flatfiles.ingest_date(
            "stocks_minute", DAYS[0], symbols="AAA", source=source, data_folder=tmp_path
        )
    assert not report.complete
    assert "plan of these keys" in report.failures[0].message
    failed = status(tmp_path, DAYS[0])
    assert failed.state is IngestionState.FAILED
    assert "does not include it" in failed.file.error
    statistics = leanfeed_flatfiles.get_statistics("stocks_minute", data_folder=tmp_path)
    assert (statistics.failed, statistics.errors) == (1, 1)
    leanfeed_flatfiles.ingest_date("stocks_minute", DAYS[0], symbols="AAA", **where)
    mended = status(tmp_path, DAYS[0])
    assert mended.state is IngestionState.INGESTED
    assert (mended.file.errors, mended.file.error) == (1, "")


@pytest.mark.slow
def test_dates_that_are_still_to_be_taken(where: dict[str, Any], tmp_path: Path) -> None:
    leanfeed_flatfiles.ingest_date("stocks_minute", DAYS[1], symbols="AAA", **where)
    missing = leanfeed_flatfiles.get_missing_dates(
        "stocks_minute", "2024-05-31", DAYS[2], data_folder=tmp_path
    )
    assert [str(day) for day in missing] == ["2024-05-31", DAYS[0], DAYS[2]]


@pytest.mark.slow
def test_what_is_pending_is_no_failure(
    where: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = dt.datetime(2024, 6, 7, 14, tzinfo=dt.UTC)
    monkeypatch.setattr("leanfeed.clock.now", lambda: now)
    report = leanfeed_flatfiles.ingest_date("stocks_minute", "2024-06-06", symbols="AAA", **where)
    assert not report.complete
    (reason,) = report.series[0].missing.values()
    assert "not published yet" in reason
    assert status(tmp_path, "2024-06-06").state is IngestionState.NOT_INGESTED
    monkeypatch.undo()


@pytest.mark.slow
def test_the_same_in_an_event_loop(where: dict[str, Any], tmp_path: Path) -> None:
    async def work() -> Any:
        one = await aio.ingest_date("stocks_minute", DAYS[0], symbols="AAA", **where)
        more = await aio.ingest_date_range("stocks_minute", *DAYS[::2], symbols="AAA", **where)
        known = await aio.get_ingestion_status("stocks_minute", DAYS[2], data_folder=tmp_path)
        total = await aio.get_statistics(data_folder=tmp_path)
        missing = await aio.get_missing_dates("stocks_minute", *DAYS[::2], data_folder=tmp_path)
        return one.complete, more.written_sessions, known.state, total.downloads, missing

    assert asyncio.run(work()) == (True, 2, IngestionState.INGESTED, 3, ())


@pytest.mark.slow
def test_a_source_may_be_the_configurations(
    bucket: Bucket, where: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MASSIVE_S3_ACCESS_KEY_ID", bucket.access_key_id)
    monkeypatch.setenv("MASSIVE_S3_SECRET_ACCESS_KEY", bucket.secret_access_key)
    monkeypatch.setenv("POLYGON_S3_ENDPOINT", bucket.url)
    report = leanfeed_flatfiles.ingest_date(
        "stocks_daily", DAYS[0], symbols=["AAA"], data_folder=tmp_path
    )
    assert report.complete
    assert report.written_sessions == 1


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "at"), [("options_daily", "00:00"), ("options_minute", "09:30")])
def test_options_are_taken_by_their_underlyings(
    kind: str, at: str, bucket: Bucket, tmp_path: Path
) -> None:
    tickers = ("O:AAPL240621C00200000", "O:AAPL240621P00200000", "O:SPY240621C00500000")
    for each, clock in ((kind, at), ("options_daily", "00:00")):
        text = "\n".join((HEADER, *(row(ticker, clock) for ticker in tickers), ""))
        bucket.put_days(DataType(each), {DAYS[0]: gzip.compress(text.encode())})
    what = {"source": FlatFilesSource(**bucket.settings()), "data_folder": tmp_path}
    one = leanfeed_flatfiles.ingest_date(kind, DAYS[0], symbols="AAPL", **what)
    assert one.complete
    every = leanfeed_flatfiles.ingest_date(kind, DAYS[0], **what)
    assert {str(s.series.symbol): len(s.written) for s in every.series} == {"AAPL": 0, "SPY": 1}
    assert len([*tmp_path.glob("option/usa/**/*.zip")]) == 2
    assert leanfeed_flatfiles.get_statistics(kind, data_folder=tmp_path).records == 3


def test_other_kinds_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequestError, match="stocks_minute"):
        leanfeed_flatfiles.ingest_date("stocks_tick", DAYS[0], data_folder=tmp_path)
