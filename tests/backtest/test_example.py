"""The example service shows what it is said to show."""

from __future__ import annotations

import runpy
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field

from leanfeed import UnavailableError
from tests.build import MemorySource

EXAMPLE = Path(__file__).parents[2] / "docs/examples/backtest_service.py"


@define
class Service:
    """A manager of the example, and what it did."""

    names: dict[str, Any] = field(factory=lambda: runpy.run_path(str(EXAMPLE)))
    launched: list[Any] = field(factory=list)
    shown: list[Any] = field(factory=list)
    cancel: threading.Event = field(factory=threading.Event)

    def run(self, *sources: MemorySource, resolution: str = "daily") -> Any:
        manager = self.names["BacktestManager"](
            Path("data"), self.launched.append, self.show, list(sources)
        )
        week = self.names["Backtest"](("SPY",), resolution, "2024-11-25", "2024-11-29")
        return manager.run(week, self.cancel)

    def show(self, shown: Any) -> None:
        self.shown.append(shown)

    @property
    def last(self) -> tuple[str, str]:
        return self.shown[-1].state, self.shown[-1].text


@pytest.fixture
def service() -> Service:
    return Service()


def down() -> MemorySource:
    return MemorySource(error=UnavailableError("The server fails: try later."), fails_after=0)


def test_success_starts_lean(service: Service) -> None:
    assert service.run(MemorySource()).complete
    assert service.last == ("running", "4 from MemorySource")
    assert len(service.launched) == 1
    fractions = [shown.fraction for shown in service.shown]
    assert (fractions, fractions[-1]) == (sorted(fractions), 1.0)


def test_what_is_there_needs_nobody(service: Service) -> None:
    service.run(MemorySource())
    assert service.run(down()).http_requests == 0
    assert service.last == ("running", "all data was there")


def test_an_outage_with_a_fallback_starts_lean(service: Service) -> None:
    assert service.run(down(), MemorySource()).complete
    assert service.last == ("running", "4 from MemorySource")


def test_an_outage_without_a_fallback_starts_nothing(service: Service) -> None:
    assert service.run(down()) is None
    state, text = service.last
    assert state == "data missing"
    assert "4 sessions still missing" in text
    assert "The server fails: try later." in text
    assert service.launched == []


def test_a_cancelled_backtest_starts_nothing(service: Service) -> None:
    service.cancel.set()
    service.run(MemorySource())
    assert (service.last[0], service.launched) == ("cancelled", [])


def test_a_wrong_question_is_shown(service: Service) -> None:
    service.run(MemorySource(), resolution="weekly")
    state, text = service.last
    assert (state, service.launched) == ("failed", [])
    assert "'weekly' is not a resolution" in text


def test_it_runs_as_it_stands() -> None:
    done = subprocess.run(
        [sys.executable, "-X", "utf8", EXAMPLE], capture_output=True, check=True, encoding="utf-8"
    )
    assert done.stderr == ""
    mornings = [text.splitlines() for text in done.stdout.split("\n\n")]
    assert [lines[-1].strip()[:24] for lines in mornings] == [
        "LEAN starts: DEMO, minut",
        "LEAN starts: DEMO, minut",
        "LEAN starts: DEMO, minut",
        "[  0 %] data missing: Th",
        "[  0 %] cancelled: Stopp",
    ]
    assert "⏱️ [DATA DOWNLOAD] run started" in done.stdout
