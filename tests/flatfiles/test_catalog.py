"""What the bucket has, against the calendar."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from leanfeed import AuthenticationError, InvalidRequestError, clock
from leanfeed_flatfiles import DataType, FlatFileCatalog, FlatFilesSource
from tests.flatfiles.servers import Bucket

MINUTE = DataType.STOCKS_MINUTE


def dates(days: object) -> list[str]:
    return [str(day) for day in days]  # type: ignore[attr-defined]


@pytest.fixture
def catalog(tmp_path: Path) -> FlatFileCatalog:
    return FlatFileCatalog(data_folder=tmp_path)


@pytest.mark.parametrize("kind", DataType)
def test_a_key_tells_its_date(kind: DataType) -> None:
    date = dt.date(2024, 2, 29)
    assert kind.date_of(kind.key(date)) == date
    for other in DataType:
        assert (other.date_of(kind.key(date)) is None) == (other is not kind)
    for strange in ("", "x.csv.gz", f"x{kind.key(date)}", f"{kind.key(date)}x", kind.month(date)):
        assert kind.date_of(strange) is None
    moved = kind.key(date).replace("/2024/02/", "/2024/03/")
    assert kind.date_of(moved) is None


def test_keys_are_those_of_business_days(catalog: FlatFileCatalog) -> None:
    assert catalog.key("stocks_minute", "2024-06-03") == MINUTE.key(dt.date(2024, 6, 3))
    # Juneteenth was a Wednesday, and no flat file of 9 January 2025 was ever published.
    assert dates(catalog.business_days("stocks_daily", "2024-06-17", "2024-06-21")) == [
        "2024-06-17",
        "2024-06-18",
        "2024-06-20",
        "2024-06-21",
    ]
    assert catalog.keys("options_minute", "2025-01-08", "2025-01-10") == (
        "us_options_opra/minute_aggs_v1/2025/01/2025-01-08.csv.gz",
        "us_options_opra/minute_aggs_v1/2025/01/2025-01-10.csv.gz",
    )


def test_nothing_is_expected_before_the_first_file_and_in_the_future(
    catalog: FlatFileCatalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert dates(catalog.business_days("stocks_minute", "2003-09-01", "2003-09-11")) == [
        "2003-09-10",
        "2003-09-11",
    ]
    monkeypatch.setattr(clock, "now", lambda: dt.datetime(2024, 6, 4, 15, tzinfo=dt.UTC))
    assert dates(catalog.business_days("stocks_daily", "2024-06-03")) == ["2024-06-03"]


@pytest.mark.parametrize(
    ("kind", "start", "end"),
    [("stock_minute", "2024-06-03", None), ("stocks_minute", "2024-06-03", "2024-06-02")],
)
def test_what_is_not_understood_is_a_sentence(
    kind: str, start: str, end: str | None, catalog: FlatFileCatalog
) -> None:
    with pytest.raises(InvalidRequestError):
        catalog.coverage(kind, start, end)


@pytest.mark.slow
def test_coverage_tells_missing_from_pending(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket.put_days(MINUTE, {"2024-05-31": b"12345", "2024-06-03": b"123", "2024-06-08": b"?"})
    source = FlatFilesSource(**bucket.settings(data_folder=tmp_path))
    monkeypatch.setattr(clock, "now", lambda: dt.datetime(2024, 6, 6, 14, tzinfo=dt.UTC))
    monkeypatch.setattr("leanfeed_flatfiles.publishing.clock.now", clock.now)
    found = FlatFileCatalog(source).coverage("stocks_minute", "2024-05-30", "2024-06-05")
    assert dates(found.business_days) == [
        "2024-05-30",
        "2024-05-31",
        "2024-06-03",
        "2024-06-04",
        "2024-06-05",
    ]
    assert dates(found.published) == ["2024-05-31", "2024-06-03"]
    assert dates(found.missing) == ["2024-05-30", "2024-06-04"]
    assert dates(found.pending) == ["2024-06-05"]
    assert found.bytes == 8
    assert found.share == 0.5
    assert found.to_dict()["files"][0]["key"] == MINUTE.key(dt.date(2024, 5, 31))


def test_who_has_no_keys_is_told_which(tmp_path: Path) -> None:
    with pytest.raises(AuthenticationError, match="POLYGON_S3_ACCESS_KEY_ID"):
        FlatFileCatalog(data_folder=tmp_path).missing("stocks_daily", "2024-06-03")
