"""The kernel writes what the Python road writes, to the last byte."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, strategies as st

from leanfeed import kernel
from leanfeed.bars import Bars, QuoteBars
from leanfeed.lean.lines import format_bars, parse_bars
from leanfeed.lean.paths import parse_path
from leanfeed.lean.zips import entry_text
from leanfeed.values import Resolution, SecurityType, Series, Symbol, TickType
from tests.kernel.conftest import BothRoads

MIDNIGHT = 1_704_171_600_000  # 2024-01-02 00:00 New York
ZONE = "America/New_York"

#: Prices as providers give them, halves at every decimal, and anything else that is a number.
prices = st.one_of(
    st.decimals(0, 10**6, places=4).map(float),
    st.decimals(0, 10**5, places=6).map(float),
    st.integers(0, 10**12).map(lambda n: n / 10**7),
    st.integers(0, 2**54).map(float),
    st.integers(0, 10**10).map(lambda n: (n + 0.5) / 10_000),
    st.floats(1e-12, 1e18),
    st.sampled_from([0.0, -0.0, 1e-9, 1e-6, 1e-7, 999999999.999999, 1e15, 1e14 + 0.5, 0.1 + 0.2]),
)


def sided(draw: st.DrawFn, rows: int) -> list[np.ndarray]:
    return [np.array(draw(st.lists(prices, min_size=rows, max_size=rows))) for _ in range(5)]


@st.composite
def trades(draw: st.DrawFn) -> Bars:
    rows = draw(st.integers(0, 12))
    return Bars(MIDNIGHT + 60_000 * np.arange(rows), *sided(draw, rows))


@st.composite
def quotes(draw: st.DrawFn) -> QuoteBars:
    rows = draw(st.integers(1, 8))
    bid, ask = sided(draw, rows), sided(draw, rows)
    nobody = draw(st.lists(st.booleans(), min_size=rows, max_size=rows))
    for column in bid[:4]:
        column[nobody] = np.nan
    return QuoteBars(MIDNIGHT + 1000 * np.arange(rows), *bid, *ask)


@given(trades(), st.sampled_from([SecurityType.EQUITY, SecurityType.FUTURE]))
def test_trades(both_roads: BothRoads, bars: Bars, kind: SecurityType) -> None:
    series = Series(Symbol("X", kind), Resolution.MINUTE)
    fast, slow = both_roads(lambda: format_bars(bars, series, ZONE))
    assert fast == slow


@given(quotes())
def test_quotes(both_roads: BothRoads, bars: QuoteBars) -> None:
    series = Series(Symbol("X"), Resolution.SECOND, TickType.QUOTE)
    fast, slow = both_roads(lambda: format_bars(bars, series, ZONE))
    assert fast == slow


@pytest.mark.parametrize("scale", [1, 10_000])
def test_a_million_numbers(both_roads: BothRoads, scale: int) -> None:
    rng = np.random.default_rng(scale)
    count = 100_000
    columns = [
        rng.integers(1, 10**9, count) / 10_000,
        rng.integers(1, 10**12, count) / 10**6,
        rng.random(count) * 10.0 ** rng.integers(-12, 20, count),
        rng.integers(0, 2**53, count).astype(float),
        np.nextafter(rng.integers(1, 10**9, count) / 10_000, np.inf),
    ]
    kind = SecurityType.EQUITY if scale > 1 else SecurityType.FUTURE
    for i in range(0, count, 1000):
        part = slice(i, i + 1000)
        bars = Bars(MIDNIGHT + np.arange(1000), *(column[part] for column in columns))
        series = Series(Symbol("X", kind), Resolution.SECOND)
        fast, slow = both_roads(lambda bars=bars, series=series: format_bars(bars, series, ZONE))
        assert fast == slow


def test_only_odd_rows_are_left_to_python(both_roads: BothRoads) -> None:
    price = np.array([1.5, 2.25, 0.1 + 0.2, 3.125])
    text, rows = kernel.format_rows(np.arange(4), [price], [10_000])
    assert (text, rows) == (b"0,15000\n1,22500", 2)
    assert kernel.format_rows(np.arange(1), [price[2:3]], [10_000]) == (b"", 0)


def test_columns_need_not_lie_in_one_piece(both_roads: BothRoads) -> None:
    wide = np.arange(40.0).reshape(8, 5)
    bars = Bars(MIDNIGHT + 1000 * np.arange(16)[::2], *wide.T)
    series = Series(Symbol("X"), Resolution.SECOND)
    fast, slow = both_roads(lambda: format_bars(bars, series, ZONE))
    assert fast == slow


def test_samples_of_lean(both_roads: BothRoads, lean_data: Path) -> None:
    seen = 0
    for path in sorted(lean_data.rglob("*.zip")):
        try:
            series, day = parse_path(path)
            bars = parse_bars(entry_text(path), series, ZONE, day=day)
        except Exception:  # not bars
            continue
        if isinstance(day, dt.date):
            fast, slow = both_roads(lambda b=bars, s=series: format_bars(b, s, ZONE))
            assert fast == slow
            seen += 1
    assert seen > 20
