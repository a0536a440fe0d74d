"""Hour and daily bars from minutes: LEAN's hours, and exact volumes."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from attrs import evolve
from hypothesis import given, strategies as st

from leanfeed.bars import Bars
from leanfeed.lean.consolidate import daily, hourly
from leanfeed.lean.market_hours import zone
from leanfeed.testing import strategies
from leanfeed.values import Resolution, Session

HOUR = 3_600_000


def session(time_zone: str, date: str, *regular: tuple[str, str]) -> Session:
    def at(clock: str, days: int = 0) -> int:
        wall = dt.datetime.fromisoformat(f"{date}T{clock}").replace(tzinfo=zone(time_zone))
        return round((wall + dt.timedelta(days=days)).timestamp() * 1000)

    day = at("00:00"), at("00:00", 1)
    hours = tuple((at(start), at(end)) for start, end in regular)
    return Session(dt.date.fromisoformat(date), 0, time_zone, day, hours, day)


def minutes(of: Session, *, volume: float = 1.0) -> Bars:
    time = np.arange(*of.day, 60_000)
    price = 100 + np.arange(len(time)) / 100
    return Bars(time, price, price + 1, price - 1, price + 0.5, np.full(len(time), volume))


def clocks(bars: Bars, time_zone: str) -> list[str]:
    tz = zone(time_zone)
    return [f"{dt.datetime.fromtimestamp(t / 1000, tz):%H:%M}" for t in bars.time.tolist()]


@pytest.mark.parametrize(
    ("time_zone", "regular", "expected", "volumes"),
    [
        (
            "America/New_York",
            [("09:30", "16:00")],
            ["09:00", "10:00", "11:00", "12:00", "13:00", "14:00", "15:00"],
            [30, 60, 60, 60, 60, 60, 60],
        ),
        (
            "America/New_York",
            [("09:30", "13:00")],
            ["09:00", "10:00", "11:00", "12:00"],
            [30, 60, 60, 60],
        ),
        ("Asia/Kolkata", [("09:15", "11:30")], ["09:00", "10:00", "11:00"], [45, 60, 30]),
        (
            "Asia/Hong_Kong",
            [("09:30", "12:00"), ("13:00", "14:00")],
            ["09:00", "10:00", "11:00", "13:00"],
            [30, 60, 60, 60],
        ),
        (
            "Asia/Tokyo",
            [("11:00", "11:30"), ("11:45", "12:15")],
            ["11:00", "12:00"],
            [45, 15],
        ),
        ("UTC", [("00:00", "02:00")], ["00:00", "01:00"], [60, 60]),
    ],
)
def test_hours_of_the_wall_clock(
    time_zone: str, regular: list[tuple[str, str]], expected: list[str], volumes: list[float]
) -> None:
    of = session(time_zone, "2024-07-01", *regular)
    hours = hourly(minutes(of), of)
    assert clocks(hours, time_zone) == expected
    assert hours.volume.tolist() == volumes


def test_an_hour_shown_twice_is_two_bars() -> None:
    of = session("America/New_York", "2024-11-03", ("00:00", "03:00"))
    hours = hourly(minutes(of), of)
    assert clocks(hours, "America/New_York") == ["00:00", "01:00", "01:00", "02:00"]
    assert np.diff(hours.time).tolist() == [HOUR] * 3


@given(st.data())
def test_bars_are_joined(data: st.DataObject) -> None:
    of = data.draw(strategies.sessions())
    bars = data.draw(strategies.bars(of, Resolution.MINUTE, volume=strategies.volumes(decimals=3)))
    regular = bars.between(*of.regular[0])

    hours, day = hourly(bars, of), daily(bars, of)

    assert len(day) == min(len(regular), 1)
    assert daily(regular, of) == day
    for joined, parts in [(day, [regular] if len(regular) else []), (hours, _by_hour(regular))]:
        assert joined.open.tolist() == [part.open[0] for part in parts]
        assert joined.high.tolist() == [part.high.max() for part in parts]
        assert joined.low.tolist() == [part.low.min() for part in parts]
        assert joined.close.tolist() == [part.close[-1] for part in parts]
        assert joined.volume.tolist() == [
            round(sum((part.volume * 1000).round().tolist())) / 1000 for part in parts
        ]
    assert set(day.time.tolist()) <= {of.day[0]}


def _by_hour(bars: Bars) -> list[Bars]:
    starts = sorted(set((bars.time // HOUR * HOUR).tolist()))
    return [bars.between(start, start + HOUR) for start in starts]


@pytest.mark.parametrize(
    ("volumes", "expected"),
    [([0.1, 0.2], 0.3), ([0.1] * 10, 1.0), ([3, 4], 7), ([2.0**53, 1, 1], 2.0**53 + 2)],
)
def test_volumes_add_up_as_decimals(volumes: list[float], expected: float) -> None:
    of = session("America/New_York", "2024-07-01", ("09:30", "16:00"))
    bars = minutes(of).between(*of.regular[0]).rows(slice(len(volumes)))
    assert daily(evolve(bars, volume=volumes), of).volume.tolist() == [expected]


@pytest.mark.parametrize("regular", [(), (("09:30", "16:00"),)])
def test_nothing_was_traded_in_regular_hours(regular: tuple[tuple[str, str], ...]) -> None:
    of = session("America/New_York", "2024-07-01", *regular)
    bars = minutes(of).between(of.day[0], of.day[0] + 4 * HOUR)
    assert daily(bars, of) == hourly(bars, of) == Bars.empty()
