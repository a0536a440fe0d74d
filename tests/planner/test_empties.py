"""Sessions without trades: how long that is believed, and which of them look like a hole."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from attrs import define, field
from hypothesis import given, settings, strategies as st

import leanfeed
from leanfeed import Bars, Delivery, Gap, Resolution
from leanfeed.ledger import suspicious
from tests import build
from tests.planner.folder import NOW, Folder, texts

DAY = dt.timedelta(days=1)
MANY = {"minute": 200, "hour": 5, "daily": 1}


def test_hole_between_full_sessions_is_believed_for_a_day(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.store("2024-01-04", "2024-01-08", bars=200)
    folder.affirm_empty("2024-01-05")
    planned = folder.plan(at=NOW + DAY - dt.timedelta(seconds=1))
    assert texts(planned.no_trades) == texts(planned.suspicious) == ["2024-01-05"]
    later = folder.plan(at=NOW + DAY)
    assert "2024-01-05" in texts(later.missing)
    assert later.suspicious == ()


def test_hole_is_seen_without_the_ledger_of_its_neighbours(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.store("2024-01-04", "2024-01-08", bars=200)
    folder.forget()
    folder.affirm_empty("2024-01-05")
    assert texts(folder.plan().suspicious) == ["2024-01-05"]


def test_hole_that_is_filled_is_forgotten(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.store("2024-01-04", "2024-01-08", bars=200)
    folder.affirm_empty("2024-01-05")
    folder.store("2024-01-05", bars=200)
    assert folder.plan().suspicious == ()


def test_empty_session_of_a_thin_symbol_is_believed_for_good(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.store("2024-01-04", "2024-01-08", bars=199)
    folder.affirm_empty("2024-01-05")
    planned = folder.plan(at=NOW + 1000 * DAY)
    assert texts(planned.no_trades) == ["2024-01-05"]
    assert planned.suspicious == ()


def rows(pattern: str, resolution: str) -> dict[dt.date, int]:
    """Of each session: full, thin, empty, or unknown."""
    sessions = build.sessions("2024-01-02", "2024-12-31")
    counts = {"#": MANY[resolution], "+": MANY[resolution] - 1, ".": 0}
    return {
        session.date: counts[mark]
        for session, mark in zip(sessions, pattern, strict=False)
        if mark != " "
    }


@pytest.mark.parametrize(
    ("resolution", "pattern", "expected"),
    [
        ("minute", "#.#", 1),
        ("minute", "#...#", 3),
        ("minute", "#" + "." * 10 + "#", 0),  # a halt
        ("minute", "..##", 0),  # not listed yet
        ("minute", "##..", 0),  # not listed any more
        ("minute", "+.#", 0),
        ("minute", "#.+", 0),
        ("minute", "# . #", 1),
        ("minute", "....", 0),  # an unknown ticker
        ("hour", "#.#", 1),
        ("hour", "+.#", 0),
        ("daily", "#.#", 0),
        ("daily", "#####.#####", 1),
        ("daily", "####.#####", 0),
        ("daily", "#####.##.##", 0),  # a thin symbol
        ("daily", "", 0),
    ],
)
def test_what_is_suspicious(resolution: str, pattern: str, expected: int) -> None:
    assert len(suspicious(Resolution(resolution), rows(pattern, resolution))) == expected


@settings(max_examples=50)
@given(st.text("#+. ", max_size=60), st.sampled_from(sorted(MANY)))
def test_only_what_lies_between_full_sessions_is_suspicious(pattern: str, resolution: str) -> None:
    known = rows(pattern, resolution)
    traded = [date for date, count in known.items() if count]
    for date in suspicious(Resolution(resolution), known):
        assert known[date] == 0
        before = max(other for other in traded if other < date)
        after = min(other for other in traded if other > date)
        assert known[before] >= MANY[resolution]
        assert known[after] >= MANY[resolution]
        assert after - before <= 10 * DAY


@define
class Listed:
    """Answers for every session: with bars on those of `trades`, else that there were none."""

    trades: frozenset[str]
    bars: int
    asked: list[str] = field(factory=list)

    def supports(self, _series: object) -> bool:
        return True

    def fetch(self, gaps: Sequence[Gap]) -> Iterator[Delivery]:
        for gap in gaps:
            for session in gap.sessions:
                self.asked.append(str(session))
                made = build.bars(session, gap.series.resolution, count=self.bars)
                yield Delivery(
                    gap.series, session, made if str(session) in self.trades else Bars.empty()
                )


WEEKS = texts(build.sessions("2024-01-02", "2024-01-31"))


@pytest.mark.parametrize(
    ("trades", "bars"),
    [
        pytest.param(WEEKS[8:], 390, id="IPO"),
        pytest.param(WEEKS[:8], 390, id="delisting"),
        pytest.param(WEEKS[:4] + WEEKS[9:], 390, id="halt"),
        pytest.param(WEEKS[::3], 7, id="thin symbol"),
        pytest.param([], 0, id="unknown ticker"),
        pytest.param(WEEKS[:6] + WEEKS[7:], 390, id="hole"),
    ],
)
@pytest.mark.parametrize("resolution", ["minute", "daily"])
def test_second_and_third_run_ask_for_nothing(
    tmp_path: Path, resolution: str, trades: list[str], bars: int
) -> None:
    source = Listed(frozenset(trades), bars)
    asked = []
    for _ in range(3):
        source.asked.clear()
        report = leanfeed.ensure(
            "SPY",
            resolution=resolution,
            start=WEEKS[0],
            end=WEEKS[-1],
            data_folder=tmp_path,
            sources=[source],
        )
        assert report.complete
        asked.append(len(source.asked))
    assert asked == [len(WEEKS), 0, 0]
