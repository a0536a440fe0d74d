"""A system clock that is wrong does not decide what is complete."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

import leanfeed
from leanfeed import Report, clock
from leanfeed.events import ClockDiffers, Event, announce
from leanfeed.ledger import Ledger
from tests import build
from tests.build import MemorySource

TRUTH = dt.datetime(2024, 1, 4, 11, 30, tzinfo=ZoneInfo("America/New_York"))


class Punctual(MemorySource):
    """Its provider knows what time it is."""

    def fetch(self, gaps: Any) -> Iterator[Any]:
        ahead = (clock.now() - TRUTH).total_seconds()
        if abs(ahead) > 300:
            announce(ClockDiffers("Punctual", ahead))
        yield from super().fetch(gaps)


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Punctual:
    """The system's clock is so many hours ahead."""
    monkeypatch.setattr(clock, "now", lambda: TRUTH + dt.timedelta(hours=request.param))
    return Punctual()


def ensure(folder: Path, source: MemorySource, **more: Any) -> Report:
    return leanfeed.ensure(
        "SPY",
        resolution="minute",
        start="2024-01-02",
        end=more.pop("end", "2024-01-04"),
        data_folder=folder,
        sources=[source],
        **more,
    )


def stored(folder: Path) -> list[str]:
    return sorted(path.name[:8] for path in (folder / "equity/usa/minute/spy").iterdir())


@pytest.mark.parametrize("source", [10.0, 24.0], indirect=True)
def test_clock_that_is_fast_stores_no_session_that_goes_on(
    tmp_path: Path, source: Punctual
) -> None:
    heard: list[Event] = []
    report = ensure(tmp_path, source, progress=heard.append)
    assert stored(tmp_path) == ["20240102", "20240103"]
    assert [str(session) for session in report.series[0].missing] == ["2024-01-04"]
    assert sum(isinstance(event, ClockDiffers) for event in heard) >= 1
    with Ledger(tmp_path) as ledger:
        entries = ledger.entries(build.series())
    assert {entry.affirmed_at for entry in entries.values()} == {int(TRUTH.timestamp() * 1000)}


@pytest.mark.parametrize("source", [-24.0], indirect=True)
def test_clock_that_is_slow_leaves_out_no_session(tmp_path: Path, source: Punctual) -> None:
    report = ensure(tmp_path, source)
    assert stored(tmp_path) == ["20240102", "20240103"]
    assert [str(session) for session in report.series[0].missing] == ["2024-01-04"]


@pytest.mark.parametrize("source", [1.0, -1.0, 0.0], indirect=True)
def test_clock_that_makes_no_difference_costs_nothing(tmp_path: Path, source: Punctual) -> None:
    ensure(tmp_path, source)
    assert source.asked_sessions == ["2024-01-02", "2024-01-03"]
    with Ledger(tmp_path) as ledger:
        entries = ledger.entries(build.series())
    assert {entry.affirmed_at for entry in entries.values()} == {int(TRUTH.timestamp() * 1000)}
