"""The source: delivers what was recorded, leaves the rest, fails where it failed."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

import leanfeed_replay
from leanfeed.bars import Bars
from leanfeed.errors import ContractError, RateLimitedError, UnavailableError
from leanfeed.interfaces import DataSource, Diagnosing, Estimating
from leanfeed.lean.market_hours import market_hours
from leanfeed.recording.about import About
from leanfeed.recording.folder import Recording
from leanfeed.recording.text import Head, Recorded
from leanfeed.registry import installed
from leanfeed.values import Delivery, Estimate, Gap, Resolution, Series, Symbol, TickType
from leanfeed_replay.source import ReplaySource

SPY = Series(Symbol("SPY"), Resolution.DAILY)
QQQ = Series(Symbol("QQQ"), Resolution.MINUTE)
SESSIONS = market_hours(Symbol("SPY")).sessions(dt.date(2024, 11, 1), dt.date(2024, 11, 6))
GAPS = [Gap(SPY, SESSIONS), Gap(QQQ, SESSIONS)]


def bars(position: int) -> Bars:
    return Bars([SESSIONS[position].regular[0][0]], [1], [2], [1], [2], [300])


def traded(position: int) -> Recorded:
    return Recorded(Head(SESSIONS[position].date, "polygon", f"id{position}"), bars(position))


def quiet(position: int) -> Recorded:
    return Recorded(Head(SESSIONS[position].date, "polygon"))


def failed(position: int) -> Recorded:
    head = Head(
        SESSIONS[position].date, "polygon", error="RateLimitedError", message="Slow down. Wait."
    )
    return Recorded(head)


@pytest.fixture
def recording(tmp_path: Path) -> Recording:
    return Recording.create(
        tmp_path / "recording", About(title="A test", made_by="a test", synthetic=True)
    )


@pytest.fixture
def source(recording: Recording) -> ReplaySource:
    return ReplaySource(folder=recording.folder)


def test_the_plugin_offers_it() -> None:
    assert [*leanfeed_replay.leanfeed_data_sources()] == ["replay"]
    assert installed().sources["replay"].factory is ReplaySource


def test_it_keeps_the_contracts(source: ReplaySource) -> None:
    asked: DataSource = source
    assert isinstance(asked, Estimating)
    assert isinstance(asked, Diagnosing)


def test_only_what_was_recorded_is_delivered(recording: Recording, source: ReplaySource) -> None:
    recording.write(SPY, [traded(0), quiet(2)])
    recording.write(QQQ, [traded(1), traded(3)])
    assert list(source.fetch(GAPS)) == [
        Delivery(SPY, SESSIONS[0], bars(0), "id0"),
        Delivery(SPY, SESSIONS[2], Bars.empty()),
        Delivery(QQQ, SESSIONS[1], bars(1), "id1"),
        Delivery(QQQ, SESSIONS[3], bars(3), "id3"),
    ]


def test_only_what_was_asked_is_delivered(recording: Recording, source: ReplaySource) -> None:
    recording.write(SPY, map(traded, range(4)))
    assert list(source.fetch([Gap(SPY, SESSIONS[1:2])])) == [
        Delivery(SPY, SESSIONS[1], bars(1), "id1")
    ]


def test_a_failure_happens_again_after_what_was_delivered(
    recording: Recording, source: ReplaySource
) -> None:
    recording.write(SPY, [traded(0), failed(1)])
    recording.write(QQQ, [traded(2)])
    deliveries = source.fetch(GAPS)
    assert next(deliveries).series == SPY
    assert next(deliveries).series == QQQ
    with pytest.raises(RateLimitedError, match=r"^Slow down\. Wait\.$"):
        next(deliveries)


def test_a_failure_that_nobody_asks_for_stays_silent(
    recording: Recording, source: ReplaySource
) -> None:
    recording.write(SPY, [traded(0), failed(1)])
    assert len(list(source.fetch([Gap(SPY, SESSIONS[:1])]))) == 1


def test_malformed_text_ends_it_after_what_was_delivered(
    recording: Recording, source: ReplaySource
) -> None:
    recording.write(QQQ, [traded(0), traded(1)])
    damaged = recording.folder / "equity/usa/minute/qqq/20241104_trade.csv"
    damaged.write_text(damaged.read_text() + "torn", newline="\n")
    deliveries = source.fetch(GAPS)
    assert next(deliveries).session == SESSIONS[0]
    with pytest.raises(ContractError, match=r"20241104_trade\.csv, line 4: the file ends within"):
        next(deliveries)


def test_it_is_made_for_trades_and_asks_nobody(source: ReplaySource) -> None:
    assert source.supports(SPY)
    assert not source.supports(Series(Symbol("SPY"), Resolution.MINUTE, TickType.QUOTE))
    assert source.estimate(GAPS) == Estimate(requests=0, bytes=0)


def test_a_missing_folder_is_found_when_asked_not_when_made(tmp_path: Path) -> None:
    source = ReplaySource(folder=tmp_path / "absent")
    assert source.supports(SPY)
    deliveries = source.fetch(GAPS)
    with pytest.raises(UnavailableError) as caught:
        next(deliveries)
    assert source.diagnose() == str(caught.value)
    assert str(tmp_path / "absent") in str(caught.value)


def test_the_default_is_the_recording_that_comes_along() -> None:
    assert ReplaySource().diagnose() is None


def test_a_folder_given_as_text_is_a_path(recording: Recording) -> None:
    assert ReplaySource(folder=str(recording.folder)).diagnose() is None  # type: ignore[arg-type]
