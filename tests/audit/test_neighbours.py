"""A session against those around it, its series against the calendar, minutes against days."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, strategies as st

from leanfeed import Bars, Series, Session
from leanfeed.audits.history import History
from leanfeed.audits.neighbours import check_jumps, check_thin
from leanfeed.lean.lines import format_bars
from leanfeed.soundness.kinds import Kind
from tests import build
from tests.audit.files import DAILY, HOUR, MINUTE, found, kinds, put

SESSIONS = build.sessions("2024-11-01", "2024-12-06")
HALF_DAY = dt.date(2024, 11, 29)
MONTHS = build.sessions("2023-01-03", "2023-12-29")


def full(session: Session, part: float = 1.0) -> Bars:
    """Every minute of the regular hours, or the first part of them."""
    minutes = (session.regular[0][1] - session.regular[0][0]) // 60_000
    bars = build.bars(session, count=int(minutes * part))
    flat = np.full(len(bars), 100.0)
    return Bars(bars.time, flat, flat, flat, flat, bars.volume)


def put_minutes(folder: Path, bars: Bars, session: Session) -> None:
    put(folder, MINUTE, format_bars(bars, MINUTE, session.time_zone), session.date)


def history(filled: list[float]) -> History:
    ones = np.ones(len(filled))
    return History(MONTHS[: len(filled)], np.array(filled), ones, ones, ones, ones, ones)


def prices(*closes: float) -> History:
    """Sessions that open where they close."""
    all_day = np.array(closes)
    return History(SESSIONS[: len(closes)], np.ones(len(closes)), *[all_day] * 4, all_day)


def test_a_session_that_was_cut_is_thin_and_a_half_day_is_not(tmp_path: Path) -> None:
    for session in SESSIONS:
        part = 0.6 if session.date == dt.date(2024, 11, 12) else 1.0
        put_minutes(tmp_path, full(session, part), session)
    (finding,) = found(tmp_path)
    assert (finding.kind, finding.path) == (
        Kind.THIN,
        "equity/usa/minute/spy/20241112_trade.zip",
    )
    assert "60% of the bars" in finding.text


@pytest.mark.parametrize(
    ("filled", "thin"),
    [
        ([1.0] * 4 + [0.5], [4]),
        ([1.0] * 3 + [0.5], []),
        ([1.0] * 9 + [0.8], []),
        ([1.0] * 9 + [0.74], [9]),
        ([0.2, 0.6, 0.3, 0.7, 0.5, 0.2, 0.1, 0.4, 0.6, 0.3], []),
        # What is usual changes over the years.
        ([0.2] * 50 + [1.0] * 50, []),
        ([0.2] * 50 + [1.0] * 49 + [0.2], [99]),
        ([0.05] + [0.2] * 50 + [1.0] * 50, [0]),
    ],
)
def test_thin(filled: list[float], thin: list[int]) -> None:
    found = [finding.dates for finding in check_thin(history(filled), MINUTE)]
    assert found == [(MONTHS[i].date,) for i in thin]


@given(st.lists(st.floats(0.5, 1.0), min_size=5, max_size=60), st.integers(0, 59))
def test_an_empty_session_among_full_ones_is_thin(filled: list[float], place: int) -> None:
    near = [0.9 + value / 10 for value in filled]
    near[place % len(near)] = 0.01
    (finding,) = check_thin(history(near), MINUTE)
    assert finding.dates == (MONTHS[place % len(near)].date,)


@pytest.mark.parametrize(
    ("closes", "move", "kinds"),
    [
        ((100, 139), None, []),
        ((100, 141), None, [Kind.JUMP]),
        ((141, 100), None, [Kind.JUMP]),
        ((100, 67), None, [Kind.JUMP]),
        ((100, 50), 0.5, [Kind.SPLIT]),
        ((100, 500), 5.0, [Kind.SPLIT]),
        ((100, 50), 0.1, [Kind.JUMP]),
        # Adjusted prices on disk: LEAN would adjust them once more.
        ((100, 101), 0.5, [Kind.JUMP]),
        ((100, 0), None, []),
    ],
)
def test_jumps(closes: tuple[float, ...], move: float | None, kinds: list[Kind]) -> None:
    moves = {SESSIONS[0].date: move} if move else {}
    found = list(check_jumps(prices(*closes), DAILY, moves))
    assert [finding.kind for finding in found] == kinds
    assert all(finding.dates == (SESSIONS[1].date,) for finding in found)


def put_daily(folder: Path, opens: dict[str, float], series: Series = DAILY) -> None:
    rows = [f"{day} 00:00" + f",{price * 10_000:.0f}" * 4 + ",100" for day, price in opens.items()]
    put(folder, series, "\n".join(rows).encode())


def test_only_neighbours_are_compared(tmp_path: Path) -> None:
    put_daily(tmp_path, {"20240102": 100, "20240104": 10})
    assert kinds(tmp_path) == ["gap"]
    put_daily(tmp_path, {"20240105": 100, "20240108": 10})
    assert kinds(tmp_path) == ["jump"]


def test_factor_files_explain_splits_and_dividends(tmp_path: Path) -> None:
    put_daily(tmp_path, {"20240102": 100, "20240103": 10, "20240104": 10, "20240105": 5})
    folder = tmp_path / "equity/usa/factor_files"
    folder.mkdir()
    rows = ["19980102,0.5,0.1,1", "20240102,0.5,0.1,100", "20240104,0.5,1,10", "20501231,1,1,0"]
    (folder / "spy.csv").write_text("\n".join(rows))
    assert kinds(tmp_path) == ["split", "split"]
    for broken in ("rubbish", "20240102,0,0,0\n20501231,0,0,0", "20240102\n"):
        (folder / "spy.csv").write_text(broken)
        assert kinds(tmp_path) == ["jump", "jump"]


def test_gaps_are_told_with_their_days(tmp_path: Path) -> None:
    put_daily(tmp_path, {"20240102": 100, "20240108": 100})
    (finding,) = found(tmp_path)
    assert (finding.kind, finding.severity) == ("gap", "information")
    assert [date.day for date in finding.dates] == [3, 4, 5]


def test_minutes_against_days(tmp_path: Path) -> None:
    session = SESSIONS[0]
    put_minutes(tmp_path, full(session), session)
    volume = int(full(session).volume.sum())
    row = f"{session.date:%Y%m%d} 00:00,1000000,{{}},1000000,1000000,{{}}"
    put(tmp_path, DAILY, row.format(1_005_000, int(volume * 1.1)).encode())
    put(tmp_path, HOUR, row.replace("00:00", "09:00").format(1_000_000, volume).encode())
    assert kinds(tmp_path) == []
    put(tmp_path, DAILY, row.format(1_020_000, volume * 2).encode())
    (finding,) = found(tmp_path)
    assert (finding.kind, finding.severity) == ("differs", "information")
    assert finding.text == "2024-11-01 against daily bars: high -2.0%, volume -50.0%"
