"""What is staged becomes whole sessions, or nothing."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from leanfeed import ContractError, Gap
from tests.build import series, sessions
from tests.lean_cli.fake_container import price
from tests.lean_cli.fakes import FakeLean

WINTER = sessions("2024-01-03", "2024-01-05")


def gap(ticker: str = "AAPL", resolution: str = "minute", *dates: str) -> Gap:
    first, last = dates or ("2024-01-03", "2024-01-05")
    return Gap(series(ticker, resolution), sessions(first, last))


def clock(times: np.ndarray) -> list[str]:
    """What New York's clocks show, in winter."""
    return [str(np.datetime64(int(t), "ms") - np.timedelta64(5, "h"))[11:16] for t in times]


@pytest.mark.parametrize("resolution", ["minute", "second"])
def test_every_wanted_session_comes_whole_and_no_other(fake: FakeLean, resolution: str) -> None:
    played = fake.fetch(gap("AAPL", resolution))
    assert played.error is None
    assert played.dates == [f"AAPL {resolution} 2024-01-0{day}" for day in (3, 4, 5)]
    for delivery in played.deliveries:
        assert clock(delivery.bars.time) == [
            *("04:00", "09:29", "09:30", "09:45", "10:00", "15:59", "19:00", "19:59")
        ]
        assert delivery.bars.open[0] == price("AAPL", delivery.session.date) / 10_000


def test_the_partial_day_before_a_winter_window_is_staged_and_not_looked_at(
    fake: FakeLean,
) -> None:
    # The fake removes the file of that day, so it must be there.
    fake.play(tickers={"AAPL": "absent"}, spoiled="equity/usa/minute/aapl/20240102_trade.zip")
    assert len(fake.fetch(gap()).dates) == 3


def test_hours_are_made_of_minutes_in_regular_hours(fake: FakeLean) -> None:
    played = fake.fetch(gap("AAPL", "hour"))
    assert [call["argv"][call["argv"].index("--resolution") + 1] for call in fake.calls] == [
        "Minute"
    ]
    assert played.dates == [f"AAPL hour 2024-01-0{day}" for day in (3, 4, 5)]
    assert clock(played.deliveries[0].bars.time) == ["09:00", "10:00", "15:00"]
    assert played.deliveries[0].bars.volume.tolist() == [200, 100, 100]  # without 09:29


def test_hours_and_minutes_of_a_ticker_share_a_call(fake: FakeLean) -> None:
    played = fake.fetch(gap("AAPL", "hour"), gap("AAPL", "minute"))
    assert len(fake.calls) == 1
    assert sorted(played.dates) == [
        f"AAPL {resolution} 2024-01-0{day}"
        for resolution in ("hour", "minute")
        for day in (3, 4, 5)
    ]


def test_days_come_from_one_file(fake: FakeLean) -> None:
    played = fake.fetch(gap("BRK.B", "daily"))
    assert played.dates == [f"BRK.B daily 2024-01-0{day}" for day in (3, 4, 5)]
    assert [d.bars.time.tolist() for d in played.deliveries] == [[s.day[0]] for s in WINTER]
    assert played.deliveries[1].bars.close[0] == (price("BRK.B", dt.date(2024, 1, 4)) + 10) / 10_000


SPOILED = {
    "cut": "not a sound zip",
    "zero bytes": "not a sound zip",
    "html": "not a sound zip",
    "no entry": "not a sound zip",
    "empty entry": "it is empty",
    "wrong entry": "does not hold 20240104_aapl_minute_trade.csv",
    "unsorted": "do not ascend",
    "a column too many": "would misread line 1",
    "low above high": "has a high below another price",
    "link": "not a regular file",
    "folder": "not a regular file",
    "bomb": "not a sound zip",
}


@pytest.mark.parametrize("kind", SPOILED)
def test_a_bad_file_costs_its_own_session_and_is_named(fake: FakeLean, kind: str) -> None:
    fake.play(tickers={"AAPL": kind}, spoiled="equity/usa/minute/aapl/20240104_trade.zip")
    played = fake.fetch(gap("AAPL"), gap("MSFT"))
    assert played.dates == [
        *("AAPL minute 2024-01-03", "AAPL minute 2024-01-05"),
        *(f"MSFT minute 2024-01-0{day}" for day in (3, 4, 5)),
    ]
    assert type(played.error) is ContractError
    assert SPOILED[kind] in str(played.error)
    assert "2024" in str(played.error)
    assert "0104" in str(played.error) or "01-04" in str(played.error)


def test_a_bad_file_of_days_costs_its_ticker(fake: FakeLean) -> None:
    fake.play(tickers={"AAPL": "cut"})
    played = fake.fetch(gap("AAPL", "daily"), gap("MSFT", "daily"))
    assert played.dates == [f"MSFT daily 2024-01-0{day}" for day in (3, 4, 5)]
    assert type(played.error) is ContractError
    assert "equity/usa/daily/aapl.zip" in str(played.error)
    assert str(fake.staging) not in str(played.error)


def test_a_folder_that_is_a_link_is_not_followed(fake: FakeLean) -> None:
    fake.play(outcome="linked folder")
    played = fake.fetch(gap())
    assert played.dates == []
    assert type(played.error) is ContractError
    assert "is not a folder" in str(played.error)


def test_bars_outside_the_session_are_left_out(fake: FakeLean) -> None:
    fake.play(outcome="at night")
    played = fake.fetch(gap())
    assert played.error is None
    assert [len(d.bars) for d in played.deliveries] == [20, 20, 20]


def test_a_day_with_many_bars_at_night_is_not_trusted(fake: FakeLean) -> None:
    fake.play(outcome="half the night")
    played = fake.fetch(gap("AAPL", "minute"), gap("AAPL", "hour"))
    assert played.dates == []
    assert type(played.error) is ContractError
    assert "20240103_trade.zip" in str(played.error)
    assert "2 of its 10 bars lie outside the trading hours" in str(played.error)


def test_files_of_strangers_are_not_looked_at(fake: FakeLean) -> None:
    fake.play(outcome="strangers")
    played = fake.fetch(gap())
    assert played.error is None
    assert len(played.dates) == 3


def test_a_day_without_a_file_is_left_to_the_next_source(fake: FakeLean) -> None:
    fake.play(tickers={"AAPL": "absent"}, spoiled="equity/usa/minute/aapl/20240104_trade.zip")
    played = fake.fetch(gap())
    assert played.dates == ["AAPL minute 2024-01-03", "AAPL minute 2024-01-05"]
    assert played.error is None


@pytest.mark.parametrize("outcome", ["pre-market only", "post-market only"])
@pytest.mark.parametrize("resolution", ["second", "minute", "hour"])
def test_a_day_with_nothing_in_regular_hours_is_not_trusted(
    fake: FakeLean, outcome: str, resolution: str
) -> None:
    fake.play(outcome=outcome)
    played = fake.fetch(gap("AAPL", resolution))
    assert played.dates == []
    assert type(played.error) is ContractError
    assert "20240103_trade.zip" in str(played.error)
    assert "it has no bar in the regular hours" in str(played.error)
