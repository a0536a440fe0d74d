"""Reading a data folder: what LEAN would see, and an error where it would be misled."""

from __future__ import annotations

import datetime as dt
from functools import partial
from pathlib import Path

import pytest

from leanfeed.bars import Bars, QuoteBars
from leanfeed.errors import DamagedFileError, InvalidRequestError
from leanfeed.lean.lines import format_bars
from leanfeed.lean.paths import entry_name, zip_path
from leanfeed.lean.reader import check_file, read_file, read_series, session_dates
from leanfeed.lean.zips import zip_bytes
from leanfeed.values import Resolution, SecurityType, Series, Symbol, TickType
from tests import build

NEW_YORK = "America/New_York"
SESSIONS = build.sessions("2024-01-02", "2024-01-05")
DATES = [session.date for session in SESSIONS]


def store(folder: Path, series: Series, text: bytes, day: dt.date | None = None) -> Path:
    path = folder / zip_path(series, day)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(zip_bytes(entry_name(series, day), text))
    return path


@pytest.fixture(params=["minute", "hour", "daily"])
def series(request: pytest.FixtureRequest, tmp_path: Path) -> Series:
    """Four sessions on disk."""
    series = build.series(resolution=request.param)
    days = [build.bars(session, request.param) for session in SESSIONS]
    if series.resolution.is_file_per_session:
        for session, bars in zip(SESSIONS, days, strict=True):
            store(tmp_path, series, format_bars(bars, series, NEW_YORK), session.date)
    else:
        store(tmp_path, series, format_bars(Bars.concat(days), series, NEW_YORK))
    return series


@pytest.mark.parametrize(
    ("first", "last"), [(None, None), (1, 2), (0, 0), (3, None), (None, 0), (2, 1)]
)
def test_a_window_includes_both_ends(
    series: Series, first: int | None, last: int | None, tmp_path: Path
) -> None:
    bars = read_series(
        tmp_path,
        series,
        start=None if first is None else DATES[first],
        end=None if last is None else DATES[last],
    )
    wanted = SESSIONS[first or 0 : len(SESSIONS) if last is None else last + 1]
    assert bars == Bars.concat([build.bars(s, series.resolution) for s in wanted])


def test_a_folder_without_the_series(tmp_path: Path) -> None:
    minutes = Series(Symbol("SPY"), Resolution.MINUTE, TickType.QUOTE)
    assert read_series(tmp_path, minutes) == QuoteBars.empty()
    assert read_series(tmp_path, build.series(resolution="daily")) == Bars.empty()
    with pytest.raises(InvalidRequestError):
        read_series(tmp_path, Series(Symbol("SPY"), Resolution.DAILY, TickType.QUOTE))


def test_rows_out_of_order_are_sorted_and_the_last_of_equals_wins(tmp_path: Path) -> None:
    rows = [b"20240103 00:00,2,2,2,2,2", b"20240102 00:00,1,1,1,1,1", b"20240103 00:00,3,3,3,3,3"]
    path = store(tmp_path, build.series(resolution="daily"), b"\n".join(rows))
    assert read_file(path).volume.tolist() == [1, 3]


def test_a_file_somewhere_else(tmp_path: Path) -> None:
    path = tmp_path / "20240102_trade.zip"
    path.write_bytes(zip_bytes("x", b"0,1.5,1.5,1.5,1.5,0.25"))
    series = Series(Symbol("BTCUSD", SecurityType.CRYPTO, "coinbase"), Resolution.MINUTE)

    bars = read_file(path, series=series, time_zone="UTC")

    assert bars == Bars([1704153600000], [1.5], [1.5], [1.5], [1.5], [0.25])
    with pytest.raises(DamagedFileError, match="does not lie where LEAN keeps bars"):
        read_file(path)


@pytest.mark.parametrize("series", ["hour", "daily"], indirect=True)
def test_session_dates(series: Series, tmp_path: Path) -> None:
    assert session_dates(tmp_path / zip_path(series)) == set(DATES)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"", set()),
        (b"\xef\xbb\xbf20240102 00:00,1,1,1,1,1\r\n", {DATES[0]}),
        (b"20240102 00:00,,,,,0,1,1,1,1,1\n20240103 00:00,,,,,0,1,1,1,1,1", set(DATES[:2])),
    ],
)
def test_session_dates_of_what_lean_tolerates(
    text: bytes, expected: set[dt.date], tmp_path: Path
) -> None:
    path = store(tmp_path, build.series(resolution="daily"), text)
    assert session_dates(path) == expected


@pytest.mark.parametrize(
    ("row", "cause"),
    [
        (b"", "misread line 2:"),
        (b"20240103 00:00,1,1,1,1", "misread line 2:"),
        (b"20240103 00:00,1,1,1,1,1,1", "misread line 2:"),
        (b"20240103 00:00,1,1,1,1,1 ", "misread line 2:"),
        (b"34200000,1,1,1,1,1", "misread line 2:"),
        (b"20240103 00:00,,,,,0,1,1,1,1,1", "misread line 2:"),
    ],
)
def test_a_damaged_line_is_named(row: bytes, cause: str, tmp_path: Path) -> None:
    sound = b"20240102 00:00,1,1,1,1,1"
    path = store(tmp_path, build.series(resolution="daily"), b"\n".join([sound, row, sound]))
    series = build.series(resolution="daily")
    for read in (session_dates, read_file, partial(check_file, series=series)):
        with pytest.raises(DamagedFileError, match=cause) as error:
            read(path)
        assert str(path) in str(error.value)


def test_a_row_with_an_impossible_date_is_no_session(tmp_path: Path) -> None:
    text = b"20240229 00:00,1,1,1,1,1\n20240230 00:00,1,1,1,1,1"
    path = store(tmp_path, build.series(resolution="daily"), text)
    assert session_dates(path) == {dt.date(2024, 2, 29)}
    with pytest.raises(DamagedFileError, match="misread line 2"):
        read_file(path)


def test_an_empty_entry_is_damaged(tmp_path: Path) -> None:
    path = store(tmp_path, build.series(resolution="daily"), b"")
    with pytest.raises(DamagedFileError, match="empty"):
        check_file(path, build.series(resolution="daily"))
