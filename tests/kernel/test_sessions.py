"""Several sessions become text together as each would alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from leanfeed import kernel
from leanfeed.bars import Bars, QuoteBars
from leanfeed.errors import ContractError
from leanfeed.lean import lines
from leanfeed.lean.lines import AnyBars, format_bars, format_sessions
from leanfeed.values import Resolution, SecurityType, Series, Symbol, TickType
from tests.kernel.conftest import BothRoads
from tests.kernel.test_writing import prices
from tests.storage import build_chains

ZONES = ("America/New_York", "UTC", "Asia/Kolkata", "Australia/Lord_Howe")
#: Usual days, and those on which New York and Lord Howe Island change their clocks.
DAYS = ("2024-01-02", "2024-03-10", "2024-11-03", "2024-04-07", "2024-10-06", "1969-12-31")

One = tuple[AnyBars, Series, str]


def hours_of(day: str, rows: int) -> np.ndarray:
    start = dt.datetime.fromisoformat(f"{day}T00:00:00+00:00").timestamp()
    return np.int64(start * 1000) + 3_600_000 * np.arange(rows, dtype=np.int64)


@st.composite
def one(draw: st.DrawFn) -> One:
    """A session of any kind, at times that may lie on two days."""
    if draw(st.integers(0, 9)) == 0:
        chain = build_chains.chain()
        return chain.bars, chain.series, "America/New_York"
    rows = draw(st.integers(0, 5))
    is_quote = draw(st.integers(0, 3)) == 0
    numbers = st.one_of(prices, prices, st.sampled_from([np.nan, np.inf, 1e300]))
    count = 10 if is_quote else 5
    columns = [
        np.array(draw(st.lists(numbers, min_size=rows, max_size=rows)), dtype=float)
        for _ in range(count)
    ]
    times = hours_of(draw(st.sampled_from(DAYS)), rows) + 60_000 * draw(st.integers(0, 1439))
    bars: AnyBars = (QuoteBars if is_quote else Bars)(times, *columns)
    kind = draw(st.sampled_from([SecurityType.EQUITY, SecurityType.INDEX, SecurityType.CRYPTO]))
    tick_type = TickType.QUOTE if is_quote != (draw(st.integers(0, 19)) == 0) else TickType.TRADE
    resolution = draw(st.sampled_from([*Resolution]))
    return bars, Series(Symbol("X", kind), resolution, tick_type), draw(st.sampled_from(ZONES))


def outcome(sessions: Sequence[One]) -> list[bytes] | str:
    try:
        return format_sessions(sessions)
    except ContractError as error:
        return str(error)


def one_by_one(sessions: Sequence[One]) -> list[bytes] | str:
    try:
        return [format_bars(*session) for session in sessions]
    except ContractError as error:
        return str(error)


@settings(max_examples=300)
@given(st.lists(one(), max_size=5))
def test_any_mixture(both_roads: BothRoads, sessions: list[One]) -> None:
    fast, slow = both_roads(lambda: outcome(sessions))
    assert fast == slow == one_by_one(sessions)


def usual(ticker: str, rows: int, *, kind: SecurityType = SecurityType.EQUITY) -> One:
    """What the kernel writes."""
    times = hours_of("2024-01-02", 1) + 14 * 3_600_000 + 60_000 * np.arange(rows)
    price = 100 + np.arange(rows) / 100
    series = Series(Symbol(ticker, kind), Resolution.MINUTE)
    return Bars(times, price, price + 1, price - 1, price, np.arange(rows) + 0.5), series, ZONES[0]


def test_what_is_usual_is_the_kernels(
    both_roads: BothRoads, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the test above would compare Python with itself."""
    sessions = [usual("A", 3), usual("B", 1, kind=SecurityType.CRYPTO), usual("C", 4)]
    expected = one_by_one(sessions)

    def fail(*_: object) -> bytes:
        raise AssertionError("Python had to write")

    monkeypatch.setattr(lines, "format_bars", fail)
    assert format_sessions(sessions) == expected
    assert expected[0].split(b"\n")[0] == b"32400000,1000000,1010000,990000,1000000,0.5"
    assert expected[1] == b"32400000,100,101,99,100,0.5"


@pytest.mark.parametrize("where", [0, 1, 2])
@pytest.mark.parametrize("odd", [0.1 + 0.2, np.nan, -1e16])
def test_an_odd_row_is_of_its_session_alone(
    both_roads: BothRoads, monkeypatch: pytest.MonkeyPatch, odd: float, where: int
) -> None:
    sessions = [usual("A", 3), usual("B", 2), usual("C", 4)]
    sessions[where][0].columns[1][1] = odd
    fast, slow = both_roads(lambda: outcome(sessions))
    assert fast == slow == one_by_one(sessions)
    by_python: list[str] = []

    def noted(bars: AnyBars, series: Series, zone: str) -> bytes:
        by_python.append(str(series.symbol))
        return b"x"

    monkeypatch.setattr(lines, "format_bars", noted)
    format_sessions(sessions)
    assert by_python == ["ABC"[where]]


@pytest.mark.parametrize("cut", range(6))
def test_columns_that_differ_in_length_are_read_by_nobody(both_roads: BothRoads, cut: int) -> None:
    """A writer that is called without a check before it reads no memory that is not its own."""
    columns = [*usual("B", 300)[0].columns]
    columns[cut] = columns[cut][:1]
    bad = (Bars(*columns), *usual("B", 1)[1:])
    fast, slow = both_roads(lambda: format_sessions([usual("A", 3), bad, usual("C", 4)]))
    assert fast == slow == (ContractError, "The columns of the bars of B minute differ in length.")
    assert both_roads(lambda: format_bars(*bad)) == (fast, slow)


def test_blocks_of_nobody(both_roads: BothRoads) -> None:
    fast, slow = both_roads(lambda: (kernel.format_sessions([]), format_sessions([])))
    assert fast == slow == ([], [])
