"""Bars are read back as columns, with their time as it should be."""

from __future__ import annotations

import copy
import datetime as dt
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import leanfeed
from leanfeed.bars import Bars
from leanfeed.errors import (
    ConfigurationError,
    DamagedFileError,
    IncompleteError,
    InvalidRequestError,
    NoDataError,
)
from leanfeed.frames import Frame
from tests import build
from tests.storage.build_chains import AAPL, chain, contract
from tests.storage.build_zips import write

#: The clocks went back on Sunday the 3rd.
ASKED: dict[str, Any] = {"start": "2024-11-01", "end": "2024-11-05", "sources": "replay"}


@pytest.fixture
def stored() -> None:
    leanfeed.ensure("DEMO", resolution="minute,daily", **ASKED)


@pytest.mark.usefixtures("stored")
def test_columns_are_those_of_the_files() -> None:
    frame = leanfeed.load("DEMO", resolution="minute")
    days = ("20241101", "20241104", "20241105")
    files = [Path(f"data/equity/usa/minute/demo/{day}_trade.zip") for day in days]
    parts = [leanfeed.lean.read_file(file) for file in files]
    assert frame.bars == Bars.concat([part for part in parts if isinstance(part, Bars)])
    assert frame.time.dtype == np.int64
    assert list(frame.columns) == ["time", "open", "high", "low", "close", "volume"]
    assert frame.close is frame.columns["close"]
    assert len(frame) == len(frame.time)
    assert frame.missing == ()
    frame.raise_for_missing()
    with pytest.raises(AttributeError, match="bid_open"):
        _ = frame.bid_open


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize(
    ("zone", "opening"),
    [
        ("UTC", ["13:30", "14:30", "14:30"]),
        ("America/New_York", ["09:30", "09:30", "09:30"]),
        ("Europe/Berlin", ["14:30", "15:30", "15:30"]),
    ],
)
def test_summer_time_ends_where_it_ends(zone: str, opening: list[str]) -> None:
    frame = leanfeed.load("DEMO", resolution="minute", session="regular", time_zone=zone)
    shown = [str(instant)[11:16] for instant in frame.wall_clock]
    firsts = [0, *(np.flatnonzero(np.diff(frame.time) > 3_600_000) + 1).tolist()]
    assert [shown[i] for i in firsts] == opening
    pandas = pytest.importorskip("pandas")
    index = frame.to_pandas().index
    assert str(index.tz) == zone
    assert [f"{index[i]:%H:%M}" for i in firsts] == opening
    assert (index.tz_convert("UTC").tz_localize(None).astype("int64") == frame.time).all()
    assert isinstance(frame.to_pandas(), pandas.DataFrame)
    polars = pytest.importorskip("polars")
    table = frame.to_polars()
    assert table.schema["time"] == polars.Datetime("ms", zone)
    assert [f"{table['time'][i]:%H:%M}" for i in firsts] == opening
    assert (table["time"].dt.epoch("ms").to_numpy() == frame.time).all()
    pytest.importorskip("pyarrow")
    arrow = frame.to_arrow()
    assert arrow.column_names == list(frame.columns)
    assert str(arrow.schema.field("time").type) == f"timestamp[ms, tz={zone}]"
    assert arrow["close"].to_pylist() == frame.close.tolist()


@pytest.mark.usefixtures("stored")
def test_a_window_is_cut_at_trading_days() -> None:
    whole = leanfeed.load("DEMO", resolution="daily")
    assert len(whole) == 3
    part = leanfeed.load("DEMO", resolution="daily", start="20241104", end=dt.date(2024, 11, 4))
    assert part.close.tolist() == whole.close[1:2].tolist()


@pytest.mark.usefixtures("stored")
def test_the_sessions_that_lack_are_named() -> None:
    Path("data/equity/usa/minute/demo/20241104_trade.zip").unlink()
    frame = leanfeed.load("DEMO", resolution="minute", start="2024-10-31")
    assert [str(session) for session in frame.missing] == ["2024-10-31", "2024-11-04"]
    assert "2 sessions missing" in repr(frame)
    with pytest.raises(IncompleteError, match=r"2024-10-31, 2024-11-04"):
        frame.raise_for_missing()
    assert leanfeed.load("DEMO", resolution="minute", start="2024-11-05").missing == ()


def test_a_day_that_had_no_trades_is_not_missing() -> None:
    leanfeed.ensure("THIN", resolution="minute", **{**ASKED, "end": "2024-11-06"})
    frame = leanfeed.load("THIN", resolution="minute", start="2024-11-01", end="2024-11-06")
    assert frame.missing == ()
    days = {str(day)[:10] for day in frame.wall_clock}
    (empty,) = {"2024-11-01", "2024-11-04", "2024-11-05", "2024-11-06"} - days
    assert len(leanfeed.load("THIN", resolution="minute", start=empty, end=empty)) == 0


def test_a_session_that_is_not_over_is_not_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    leanfeed.ensure("DEMO", resolution="minute", **ASKED)
    noon = dt.datetime(2024, 11, 6, 17, tzinfo=dt.UTC)
    monkeypatch.setattr("leanfeed.clock.now", lambda: noon)
    asked = {"resolution": "minute", "start": "2024-11-01", "end": "2024-11-06"}
    assert leanfeed.load("DEMO", **asked).missing == ()
    monkeypatch.setattr("leanfeed.clock.now", lambda: noon + dt.timedelta(days=1))
    assert [str(s) for s in leanfeed.load("DEMO", **asked).missing] == ["2024-11-06"]


def test_a_ticker_that_changed_is_read_under_both_names() -> None:
    source = build.MemorySource()
    folder = Path("data/equity/usa/map_files")
    folder.mkdir(parents=True)
    (folder / "meta.csv").write_text("20120518,fb\n20220608,fb\n20501231,meta\n")
    asked = {"resolution": "minute", "start": "2022-06-07", "end": "2022-06-10"}
    leanfeed.ensure("META", sources=[source], **asked)
    assert Path("data/equity/usa/minute/fb/20220608_trade.zip").exists()
    frame = leanfeed.load("META", **asked)
    assert frame.missing == ()
    assert len({str(instant)[:10] for instant in frame.wall_clock}) == 4
    assert str(frame.series) == "META minute"


@pytest.mark.parametrize("resolution", ["minute", "daily"])
def test_nothing_there_is_an_error_that_says_what_to_do(resolution: str) -> None:
    with pytest.raises(NoDataError) as caught:
        leanfeed.load("SPY", resolution=resolution, start="2024-01-02", data_folder="nowhere")
    assert str(caught.value) == (
        f"The data folder nowhere has no SPY {resolution} bars from 2024-01-02: fetch them with "
        "leanfeed.ensure()."
    )
    assert isinstance(caught.value, LookupError)


@pytest.mark.usefixtures("stored")
def test_a_damaged_file_is_named() -> None:
    path = Path("data/equity/usa/minute/demo/20241104_trade.zip")
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(DamagedFileError, match="20241104_trade"):
        leanfeed.load("DEMO", resolution="minute")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"resolution": "weekly"}, "not a resolution"),
        ({"resolution": "minute,daily"}, "One series is read at a time"),
        ({"time_zone": "new york"}, "did you mean 'America/New_York'"),
        ({"time_zone": "utc"}, "did you mean 'UTC'"),
        ({"time_zone": "Mars"}, "There is no time zone 'Mars'"),
        ({"tick_type": "tick"}, "use 'trade' or 'quote'"),
        ({"session": "night"}, "use 'extended' or 'regular'"),
        ({"start": "2024-11-05", "end": "2024-11-04"}, "exchange them"),
        ({"tick_type": "quote"}, "no daily quote bars"),
    ],
)
def test_a_wrong_question_is_one_sentence(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidRequestError, match=message):
        leanfeed.load("DEMO", **{"resolution": "daily", **changes})


@pytest.mark.parametrize(
    ("method", "package", "extra"),
    [
        ("to_pandas", "pandas", "pandas"),
        ("to_polars", "polars", "polars"),
        ("to_arrow", "pyarrow", "arrow"),
    ],
)
def test_what_is_not_installed_is_named(
    method: str, package: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    frame = Frame(build.series(), Bars.empty(), "UTC")
    with pytest.raises(ConfigurationError) as caught:
        getattr(frame, method)()
    assert str(caught.value) == (
        f"This needs the package {package}, which is not installed: "
        f"pip install 'leanfeed[{extra}]'."
    )


@pytest.mark.usefixtures("stored")
def test_a_notebook_shows_both_ends() -> None:
    html = leanfeed.load("DEMO", resolution="minute", time_zone="America/New_York")._repr_html_()
    assert html.count("<tr>") == 1 + 3 + 1 + 3
    assert "2024-11-01 04:02:00" in html
    assert len(html) < 15_000


def test_quotes_have_their_own_columns(lean_data: Path) -> None:
    asked: dict[str, Any] = {"resolution": "minute", "data_folder": lean_data}
    frame = leanfeed.load("SPY", tick_type="quote", start="2013-10-07", end="2013-10-07", **asked)
    assert frame.bid_open[0] > 0
    assert list(frame.columns)[:2] == ["time", "bid_open"]


@pytest.fixture
def options() -> None:
    written = write(Path("data"), *(chain(n, "daily") for n in range(4)), chain(0), chain(1))
    assert len(written) == 6


@pytest.mark.usefixtures("options")
def test_a_chain_is_loaded_contract_by_contract() -> None:
    asked: dict[str, Any] = {"resolution": "daily", "start": "2023-12-29", "end": "2024-01-02"}
    frame = leanfeed.load("AAPL", security_type="option", **asked)
    assert list(frame.columns)[:5] == ["time", "expiry", "right", "strike", "open"]
    assert frame.strike.tolist() == [100, 100, 110, 110]
    assert frame.expiry.astype(str).tolist() == ["2024-03-15"] * 4
    assert (len(frame), frame.missing, frame.volume.tolist()) == (4, (), [100] * 4)
    assert "2023-12-29 05:00:00 to 2024-01-02" in repr(frame)
    assert ">call</td>" in frame._repr_html_()
    with pytest.raises(AttributeError, match="bid_open"):
        _ = frame.bid_open
    assert copy.copy(frame) == frame
    for to, library in (("pandas", "pandas"), ("polars", "polars"), ("arrow", "pyarrow")):
        pytest.importorskip(library)
        table = getattr(frame, f"to_{to}")()
        assert list(table["right"].to_pylist() if to == "arrow" else table["right"]) == ["call"] * 4
        assert str(next(iter(table["expiry"])))[:10] == "2024-03-15"


@pytest.mark.usefixtures("options")
def test_minutes_of_a_chain_are_loaded() -> None:
    frame = leanfeed.load(AAPL, resolution="minute", session="regular")
    assert len(frame) == 12
    assert frame.bars.of(contract(110)).time.tolist() == sorted(frame.time)[::2]
    with pytest.raises(NoDataError, match="no MSFT"):
        leanfeed.load("MSFT", resolution="minute", security_type="option")
