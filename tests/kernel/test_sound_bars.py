"""A delivery is believed, or refused, for the same reason with the kernel and without it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from leanfeed import contract
from leanfeed.bars import Bars, QuoteBars
from leanfeed.contract import checked, problem_with
from leanfeed.errors import ContractError
from leanfeed.options import ChainBars
from leanfeed.values import (
    Delivery,
    Gap,
    Resolution,
    SecurityType,
    Series,
    Session,
    Symbol,
    TickType,
)
from tests import build
from tests.kernel.conftest import BothRoads
from tests.storage import build_chains

#: A usual day, two halves of one, and the first ones after a change of the clock.
DAYS = [
    build.sessions(day, day)[0]
    for day in ("2024-01-02", "2024-11-29", "2024-07-03", "2024-03-11", "2024-11-04")
]
RESOLUTIONS = [*Resolution]
TINY, PRICE, VOLUME = 1e-10, 1e13, 1e17
ODD_NUMBERS = [
    *(np.nan, np.inf, -np.inf, 0.0, -0.0, -1.0, 5e-324, sys.float_info.max),
    *(edge for n in (TINY, PRICE, VOLUME) for edge in (n, *np.nextafter(n, (0, 1e99)))),
]  # fmt: skip
ODD_TIMES = [-(2**63), 2**63 - 1, -(2**62), 0, -1]

#: Columns of the same numbers that lie otherwise in memory.
Layout = Callable[[np.ndarray], np.ndarray]


def strided(column: np.ndarray) -> np.ndarray:
    return np.repeat(column, 3)[::3]


def backwards(column: np.ndarray) -> np.ndarray:
    return column[::-1].copy()[::-1]


def locked(column: np.ndarray) -> np.ndarray:
    own = column.copy()
    own.flags.writeable = False
    return own


def moved(column: np.ndarray) -> np.ndarray:
    """Not at an address that a number of 8 bytes has by nature."""
    room = np.zeros(column.nbytes + 1, dtype=np.uint8)
    room[1:] = column.view(np.uint8)
    return room[1:].view(column.dtype)


LAYOUTS: Sequence[Layout] = (np.copy, strided, backwards, locked, moved)


def sound(session: Session, resolution: Resolution, rows: int, *, first: int = 0) -> list[Any]:
    """Columns without fault, from the `first` step of the day's hours on."""
    usual = build.bars(session, resolution, count=rows)
    time, *columns = usual.columns
    if resolution is not Resolution.DAILY:
        step = resolution.milliseconds
        start = session.day[0] + (session.extended[0] - session.day[0]) // step * step
        time = start + step * (first + np.arange(rows))
    return [time, *columns]


@st.composite
def deliveries(draw: st.DrawFn) -> Delivery:
    """Trade bars of which none, one or some are odd."""
    session, resolution = draw(st.sampled_from(DAYS)), draw(st.sampled_from(RESOLUTIONS))
    kind = draw(st.sampled_from([SecurityType.EQUITY, SecurityType.INDEX, SecurityType.CRYPTO]))
    length = (session.extended[1] - session.extended[0]) // resolution.milliseconds
    rows = draw(st.integers(0, 6))
    first = draw(st.sampled_from([0, 0, 1, length - rows, length - rows + 1, -1]))
    columns = sound(session, resolution, rows, first=first)
    edges = [*session.extended, *session.day]
    times = st.one_of(
        st.sampled_from([*ODD_TIMES, *(e + d for e in edges for d in (-1, 0, 1))]),
        st.integers(session.day[0] - 10**6, session.day[1] + 10**6),
    )
    numbers = st.one_of(st.sampled_from(ODD_NUMBERS), st.floats(), st.floats(99, 102))
    for _ in range(draw(st.integers(0, 3)) if len(columns[0]) else 0):
        row = draw(st.integers(0, len(columns[0]) - 1))
        column = draw(st.integers(0, 5))
        columns[column][row] = draw(numbers if column else times)
    if draw(st.integers(0, 9)) == 0:
        cut = draw(st.integers(0, 5))
        columns[cut] = columns[cut][1:]
    bars = Bars(*(draw(st.sampled_from(LAYOUTS))(column) for column in columns))
    return Delivery(Series(Symbol("X", kind), resolution), session, bars, "r-1")


def passed(delivery: Delivery) -> tuple[object, ...]:
    """What comes through, to the last bit."""
    (own,) = checked([delivery], [Gap(delivery.series, (delivery.session,))])
    assert isinstance(own.bars, type(delivery.bars))
    rest = (own.series, own.session, own.request_id, own.source)
    return (*rest, *((column.dtype.str, column.tobytes()) for column in own.bars.columns))


@settings(max_examples=400)
@given(deliveries())
def test_both_roads_say_the_same(both_roads: BothRoads, delivery: Delivery) -> None:
    fast, slow = both_roads(lambda: passed(delivery))
    assert fast == slow
    if problem_with(delivery):
        assert isinstance(fast, tuple)
        assert fast[0] is ContractError
    else:
        assert fast == passed(delivery)


@pytest.mark.parametrize("resolution", RESOLUTIONS)
@pytest.mark.parametrize("session", DAYS, ids=str)
@pytest.mark.parametrize("name", Bars.__match_args__)
def test_each_odd_number_in_each_column(
    both_roads: BothRoads, name: str, session: Session, resolution: Resolution
) -> None:
    edges = [edge + by for edge in (*session.extended, *session.day) for by in (-1, 0, 1)]
    series = Series(Symbol("X"), resolution)
    outcomes = set()
    for odd in [*ODD_TIMES, *edges] if name == "time" else ODD_NUMBERS:
        for row in (0, -1):
            columns = dict(zip(Bars.__match_args__, sound(session, resolution, 3), strict=True))
            columns[name][row] = odd
            delivery = Delivery(series, session, Bars(**columns))
            fast, slow = both_roads(lambda delivery=delivery: passed(delivery))
            assert fast == slow, (odd, row)
            outcomes.add(fast[0] is ContractError)  # type: ignore[index]
    assert True in outcomes


@pytest.mark.parametrize("order", [(0, 0, 1), (0, 1, 1), (0, 2, 1), (1, 0, 2), (2, 1, 0)])
@pytest.mark.parametrize("resolution", RESOLUTIONS)
def test_bars_out_of_order(
    both_roads: BothRoads, resolution: Resolution, order: tuple[int, ...]
) -> None:
    time, *columns = sound(DAYS[0], resolution, 3)
    bars = Bars(time[[min(at, len(time) - 1) for at in order]], *(c[[0] * 3] for c in columns))
    delivery = Delivery(Series(Symbol("X"), resolution), DAYS[0], bars)
    fast, slow = both_roads(lambda: passed(delivery))
    assert fast == slow
    assert isinstance(fast, tuple)
    assert fast[0] is ContractError


def test_the_kernel_believes_what_is_usual(
    both_roads: BothRoads, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the tests above would compare Python with itself."""

    def fail(_delivery: Delivery) -> Delivery:
        raise AssertionError("Python had to look")

    monkeypatch.setattr(contract, "_with_own_bars", fail)
    for session in DAYS:
        for resolution in RESOLUTIONS:
            columns = sound(session, resolution, 5)
            for layout in LAYOUTS:
                bars = Bars(*map(layout, columns))
                assert passed(Delivery(Series(Symbol("X"), resolution), session, bars))


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("kind", ["trades", "odd trades", "quotes", "chain"])
def test_what_comes_through_is_nobody_elses(
    both_roads: BothRoads, kind: str, layout: Layout
) -> None:
    """A source may go on to use its arrays, and no plugin can change what was checked."""

    def work() -> list[bytes]:
        delivery = usual(kind, layout)
        given = delivery.bars.columns
        before = [column.tobytes() for column in given]
        (own,) = checked([delivery], [Gap(delivery.series, (delivery.session,))])
        for mine, theirs in zip(own.bars.columns, given, strict=True):
            assert not np.shares_memory(mine, theirs)
            with pytest.raises(ValueError, match="read-only"):
                mine[0] = 1
            if theirs.flags.writeable:
                theirs[:] = 7
        assert [column.tobytes() for column in own.bars.columns] == before
        return before

    fast, slow = both_roads(work)
    assert isinstance(fast, list), fast
    assert fast == slow


def usual(kind: str, layout: Layout) -> Delivery:
    """A delivery without fault; with odd trades Python has to look."""
    if kind == "chain":
        made = build_chains.chain()
        assert isinstance(made.bars, ChainBars)
        bars = Bars(*map(layout, made.bars.bars.columns))
        chain = ChainBars(made.bars.contracts, made.bars.counts, bars)
        return Delivery(made.series, made.session, chain)
    columns = sound(DAYS[0], Resolution.MINUTE, 4)
    if kind == "quotes":
        both = QuoteBars(*map(layout, [*columns, *columns[1:]]))
        series = Series(Symbol("X"), Resolution.MINUTE, TickType.QUOTE)
        return Delivery(series, DAYS[0], both)
    if kind == "odd trades":
        columns[5][0] = 0.0
    series = Series(Symbol("X"), Resolution.MINUTE)
    return Delivery(series, DAYS[0], Bars(*map(layout, columns)))


@pytest.mark.parametrize(
    "bars",
    [
        Bars(1, 1, 1, 1, 1, 1),
        Bars(*(np.ones((2, 2)) for _ in range(6))),
        Bars(np.ones(2), *(np.ones(()) for _ in range(5))),
        Bars(np.ones(()), *(np.ones(1) for _ in range(5))),
        Bars(np.ones(0), *(np.ones(1) for _ in range(5))),
    ],
)
def test_columns_that_are_none(both_roads: BothRoads, bars: Bars) -> None:
    delivery = Delivery(Series(Symbol("X"), Resolution.MINUTE), DAYS[0], bars)
    fast, slow = both_roads(lambda: passed(delivery))
    assert fast == slow
    assert isinstance(fast, tuple)
    assert fast[0] is ContractError
    assert "the columns differ in length" in fast[1]
