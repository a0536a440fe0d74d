"""Options along the straight line, from the request to the report, and what looks at them."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from attrs import define, evolve, field

import leanfeed
from leanfeed import (
    Bars,
    ChainBars,
    Delivery,
    Gap,
    InvalidRequestError,
    OptionContract,
    Plan,
    Resolution,
    SecurityType,
    Series,
    Session,
    Symbol,
)
from tests.storage.build_chains import put_texts, texts

AAPL = Symbol("AAPL", SecurityType.OPTION)
MINUTE = "option/usa/minute/aapl/20240102_trade_american.zip"
YEAR = "option/usa/daily/aapl_2024_trade_american.zip"
#: Over the turn of the year.
WINDOW: dict[str, Any] = {"start": "2023-12-27", "end": "2024-01-04", "security_type": "option"}
BOTH: dict[str, Any] = {**WINDOW, "resolution": ["minute", "daily"]}


def chain_of(session: Session, resolution: Resolution) -> ChainBars:
    """Four contracts; the first trades in the first minutes, the others in the last."""
    step = resolution.milliseconds
    start, end = session.regular[0]
    parts = []
    for number in range(4):
        expiry = session.date + dt.timedelta(days=number)
        contract = OptionContract(expiry, "put" if number % 2 else "call", 180 + 2.5 * number)
        times = [start, start + step] if number == 0 else [end - step]
        if resolution is Resolution.DAILY:
            times = [session.day[0]]
        price = np.full(len(times), 1.05 + number)
        parts.append((contract, Bars(times, price, price, price, price, price * 0 + 7)))
    return ChainBars.joined(parts)


@define
class ChainSource:
    """Has every chain."""

    asked: list[tuple[Series, Session]] = field(factory=list)

    def supports(self, series: Series) -> bool:
        return series.is_chain

    def fetch(self, gaps: Sequence[Gap]) -> Iterator[Delivery]:
        for gap in gaps:
            for session in gap.sessions:
                self.asked.append((gap.series, session))
                yield Delivery(gap.series, session, chain_of(session, gap.series.resolution), "r-1")


@pytest.fixture
def source() -> ChainSource:
    return ChainSource()


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    """A data folder with eight sessions at two resolutions."""
    folder = tmp_path / "data"
    report = leanfeed.ensure("AAPL", **BOTH, data_folder=folder, sources=[ChainSource()])
    assert report.complete
    return folder


def ensure(folder: Path, source: ChainSource, **more: Any) -> leanfeed.Report:
    return leanfeed.ensure("AAPL", **(BOTH | more), data_folder=folder, sources=[source])


def test_what_is_missing_is_fetched_and_nothing_else(tmp_path: Path, source: ChainSource) -> None:
    report = ensure(tmp_path, source)
    assert [len(s.written) for s in report.series] == [6, 6]
    assert "minute AAPL (option, usa): 6 written" in str(report)
    found = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.zip"))
    assert found == [
        "option/usa/daily/aapl_2023_trade_american.zip",
        YEAR,
        *(
            f"option/usa/minute/aapl/{day}_trade_american.zip"
            for day in ("20231227", "20231228", "20231229", "20240102", "20240103", "20240104")
        ),
    ]
    assert len(source.asked) == 12
    assert ensure(tmp_path, source).complete
    assert ensure(tmp_path, source, start="2023-12-26", resolution="daily").complete
    assert len(source.asked) == 13


@pytest.mark.parametrize("verify", ["quick", "checksum", "full"])
@pytest.mark.parametrize("ledger", ["there", "deleted"])
def test_what_is_there_is_found(
    stored: Path, source: ChainSource, verify: str, ledger: str
) -> None:
    if ledger == "deleted":
        shutil.rmtree(stored / ".leanfeed")
    report = ensure(stored, source, verify=verify)
    assert (report.complete, source.asked) == (True, [])


def test_a_warm_folder_is_not_opened(
    stored: Path, source: ChainSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> None:
        raise AssertionError(path)

    for module in ("leanfeed.lean.chains", "leanfeed.default_plugins.held_years"):
        monkeypatch.setattr(f"{module}.packed_entries", refuse)
    for start in ("2023-12-27", "2024-01-03"):
        assert ensure(stored, source, start=start).complete
    with pytest.raises(AssertionError, match="trade_american"):
        ensure(stored, source, verify="checksum")


def test_regular_hours_end_at_the_close(tmp_path: Path) -> None:
    @define
    class LateSource(ChainSource):
        def fetch(self, gaps: Sequence[Gap]) -> Iterator[Delivery]:
            for delivery in super().fetch(gaps):
                assert isinstance(delivery.bars, ChainBars)
                late = evolve(delivery.bars.bars, time=delivery.bars.time + 10 * 60_000)
                yield evolve(delivery, bars=evolve(delivery.bars, bars=late))

    asked: dict[str, Any] = {"start": "2024-01-02", "end": "2024-01-02", "resolution": "minute"}
    ensure(tmp_path / "all", LateSource(), **asked)
    ensure(tmp_path / "some", LateSource(), **asked, session="regular")
    assert len(texts(tmp_path / "all" / MINUTE)) == 4
    assert len(texts(tmp_path / "some" / MINUTE)) == 1
    assert leanfeed.audit(data_folder=tmp_path / "all").findings == ()


@pytest.mark.parametrize("path", [MINUTE, YEAR])
@pytest.mark.parametrize("verify", ["quick", "checksum", "full"])
def test_a_file_that_lost_something_is_fetched_again(
    stored: Path, source: ChainSource, path: str, verify: str
) -> None:
    entries = texts(stored / path)
    put_texts(stored / path, dict(list(entries.items())[1:]))
    report = ensure(stored, source, verify=verify)
    assert report.complete
    days = {str(session) for _, session in source.asked}
    assert days <= {"2024-01-02", "2024-01-03", "2024-01-04"}
    assert "2024-01-02" in days
    assert texts(stored / path) == entries
    assert leanfeed.audit(data_folder=stored).ok


def test_lean_s_own_samples_are_there_and_sound(lean_data: Path, tmp_path: Path) -> None:
    shutil.copytree(lean_data / "option", tmp_path / "option")
    shutil.copytree(lean_data / "market-hours", tmp_path / "market-hours")
    for verify in ("quick", "checksum", "full"):
        for ticker, resolution, start, end, missing in (
            ("SPY", "minute", "2023-08-03", "2023-08-03", 0),
            ("GOOG", "minute", "2015-12-23", "2015-12-23", 0),
            ("AAPL", "daily", "2015-01-01", "2015-12-31", 2),  # it was not traded on two days
        ):
            plan = leanfeed.plan(
                ticker,
                security_type="option",
                resolution=resolution,
                start=start,
                end=end,
                verify=verify,
                data_folder=tmp_path,
                sources="replay",
            )
            assert plan.missing == missing
    report = leanfeed.audit(data_folder=tmp_path)
    assert report.ok
    assert [finding.kind.value for finding in report.findings] == ["gap"]


@pytest.mark.parametrize(
    ("start", "end", "count"),
    [
        ("2024-03-08", "2024-03-12", 3),  # clocks go forward on the 10th
        ("2024-11-01", "2024-11-05", 3),  # and back on the 3rd
        ("2023-11-22", "2023-11-27", 3),  # a holiday and a half day
        ("2024-07-02", "2024-07-05", 3),
    ],
)
def test_days_of_odd_length(
    tmp_path: Path, source: ChainSource, start: str, end: str, count: int
) -> None:
    report = ensure(tmp_path, source, start=start, end=end)
    assert [len(s.written) for s in report.series] == [count] * 2
    opening = {
        next(iter(texts(path).values())).partition(",")[0]
        for path in (tmp_path / "option/usa/minute/aapl").iterdir()
    }
    assert opening <= {"34200000", "57540000", "46740000"}
    for resolution in Resolution.MINUTE, Resolution.DAILY:
        read = leanfeed.lean.read_series(tmp_path, Series(AAPL, resolution))
        wanted = [chain_of(s, r.resolution) for r, s in source.asked if r.resolution is resolution]
        assert isinstance(read, ChainBars)
        assert dict(read) == dict(ChainBars.concat(wanted))
    assert leanfeed.audit(data_folder=tmp_path).findings == ()


def test_whoever_looks_sees_options(stored: Path) -> None:
    report = leanfeed.audit(data_folder=stored)
    assert (report.findings, report.sessions, report.files) == ((), 12, 8)
    assert report.bars == 6 * (5 + 4)
    cover = leanfeed.coverage("AAPL", security_type="option", data_folder=stored)
    assert [(s.series.resolution.value, len(s.sessions)) for s in cover.series] == [
        ("minute", 6),
        ("daily", 6),
    ]
    assert len(leanfeed.coverage(data_folder=stored).series) == 2
    assert "aapl_?_trade_american.zip" in cover.to_html()
    for what in (stored / MINUTE, stored / YEAR):
        answer = leanfeed.why(what)
        assert answer.is_verified
        assert "ChainSource" in str(answer)
    by_name = leanfeed.why(
        "AAPL", "2024-01-02", resolution="daily", security_type="option", data_folder=stored
    )
    assert by_name.is_verified
    assert by_name.path == YEAR


def test_a_line_that_lean_would_misread_is_found_and_mended(
    stored: Path, source: ChainSource
) -> None:
    for path in (MINUTE, YEAR):
        entries = texts(stored / path)
        first = next(iter(entries))
        broken = entries[first].replace("05", "05 ", 1)
        put_texts(stored / path, entries | {first: broken})
    report = leanfeed.audit(data_folder=stored)
    assert {(f.path, f.kind.value) for f in report.findings} >= {
        (MINUTE, "bad-line"),
        (YEAR, "bad-line"),
    }
    assert all(".csv: line 1 is" in f.text for f in report.findings if f.kind.value == "bad-line")
    mended = leanfeed.repair(data_folder=stored, sources=[source])
    assert mended.ok
    assert leanfeed.audit(data_folder=stored).ok


def test_answers_are_recorded_and_replayed(tmp_path: Path, source: ChainSource) -> None:
    live, again = tmp_path / "live", tmp_path / "again"
    assert ensure(live, source, record=tmp_path / "recording").complete
    text = (tmp_path / "recording/option/usa/daily/aapl_trade.csv").read_text()
    assert text.split("\n")[:3] == [
        "time,expiry,right,strike,open,high,low,close,volume",
        '# {"session":"2023-12-27","source":"ChainSource"}',
        "2023-12-27T05:00:00Z,2023-12-27,call,180,1.05,1.05,1.05,1.05,7",
    ]
    report = leanfeed.ensure("AAPL", **BOTH, data_folder=again, replay=tmp_path / "recording")
    assert report.complete
    for path in live.rglob("*.zip"):
        assert path.read_bytes() == (again / path.relative_to(live)).read_bytes()


def test_a_plan_goes_to_json_and_back(stored: Path, source: ChainSource) -> None:
    asked: dict[str, Any] = {**BOTH, "end": "2024-01-09"}
    plan = leanfeed.plan("AAPL", **asked, data_folder=stored, sources=[source])
    assert plan.missing == 6
    assert "--security-type option" in str(plan.request)
    text = plan.to_json()
    assert json.loads(text)["request"]["symbols"][0]["security_type"] == "option"
    assert [s.missing for s in Plan.from_json(text).series] == [s.missing for s in plan.series]
    assert leanfeed.apply(Plan.from_json(text), sources=[source]).complete


@pytest.mark.parametrize("name", ["options", "", "crypto", None, 5])
def test_other_security_types_are_not_what_a_ticker_is(name: Any, tmp_path: Path) -> None:
    with pytest.raises(InvalidRequestError, match="`security_type` is"):
        ensure(tmp_path, ChainSource(), security_type=name)


def test_an_equity_and_its_options_are_two(tmp_path: Path, source: ChainSource) -> None:
    report = leanfeed.ensure(
        ["AAPL", AAPL],
        resolution="daily",
        start="2024-01-02",
        end="2024-01-02",
        data_folder=tmp_path,
        sources=["replay", source],
    )
    assert [(str(s.series.symbol.security_type), len(s.written)) for s in report.series] == [
        ("equity", 0),
        ("option", 1),
    ]


def test_options_are_kept_under_the_ticker_of_the_day(tmp_path: Path, source: ChainSource) -> None:
    maps = tmp_path / "equity/usa/map_files"
    maps.mkdir(parents=True)
    (maps / "aapl.csv").write_text("20000101,old\n20231229,old\n20501231,aapl\n")
    assert ensure(tmp_path, source, resolution="daily").complete
    assert sorted(path.name for path in (tmp_path / "option/usa/daily").iterdir()) == [
        "aapl_2024_trade_american.zip",
        "old_2023_trade_american.zip",
    ]
