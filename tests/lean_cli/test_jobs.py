"""Which calls fill which gaps, and what becomes of the others when one breaks."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, strategies as st

from leanfeed import ContractError, Gap, Session, UnavailableError
from leanfeed_lean_cli.jobs import Job, jobs
from leanfeed_lean_cli.outcomes import finished
from tests.build import series, sessions
from tests.lean_cli.fakes import FakeLean

YEARS = sessions("2022-01-03", "2024-12-31")
WINDOW = sessions("2024-01-03", "2024-01-05")
TICKERS = ("AAPL", "BRK.B", "GOOG", "IBM", "MSFT")


def gap(ticker: str, resolution: str = "minute", wanted: Sequence[Session] = WINDOW) -> Gap:
    return Gap(series(ticker, resolution), tuple(wanted))


def shown(found: Sequence[Job]) -> list[str]:
    return [f"{job.resolution} {'+'.join(job.tickers)} {job.first} {job.last}" for job in found]


def test_tickers_share_a_call_up_to_the_limit() -> None:
    found = jobs([gap(ticker) for ticker in TICKERS], batch=2)
    assert [job.tickers for job in found] == [("AAPL", "BRK.B"), ("GOOG", "IBM"), ("MSFT",)]


def test_seconds_minutes_and_days_are_separate_calls_and_hours_are_minutes() -> None:
    of_all = [gap("SPY", r) for r in ("hour", "second", "minute", "daily")]
    assert shown(jobs(of_all, batch=20)) == [
        "daily SPY 2024-01-03 2024-01-05",
        "minute SPY 2024-01-03 2024-01-05",
        "second SPY 2024-01-03 2024-01-05",
    ]


@pytest.mark.parametrize(
    ("resolution", "pause", "calls"),
    [
        ("second", 5, 1),
        ("second", 6, 2),
        ("minute", 60, 1),
        ("minute", 61, 2),
        ("hour", 61, 2),
        ("daily", 700, 1),
    ],
)
def test_a_long_pause_is_not_downloaded(resolution: str, pause: int, calls: int) -> None:
    wanted = (YEARS[0], YEARS[pause + 1])
    assert len(jobs([gap("SPY", resolution, wanted)], batch=20)) == calls


def test_tickers_with_windows_far_apart_do_not_share_a_call() -> None:
    for later in (YEARS[400:405], YEARS[:400]):
        found = jobs([gap("SPY", wanted=YEARS[:5]), gap("QQQ", wanted=later)], batch=20)
        assert [job.tickers for job in found] == [("SPY",), ("QQQ",)]


positions = st.sets(st.integers(0, len(YEARS) - 1), min_size=1, max_size=8)


@given(
    wanted=st.dictionaries(
        st.tuples(st.sampled_from(TICKERS), st.sampled_from(["second", "minute", "hour"])),
        positions,
        max_size=8,
    ),
    batch=st.integers(1, 4),
)
def test_every_session_is_in_one_call_and_those_of_a_series_are_in_order(
    wanted: dict[tuple[str, str], set[int]], batch: int
) -> None:
    asked = [gap(t, r, [YEARS[i] for i in sorted(at)]) for (t, r), at in wanted.items()]
    found = jobs(asked, batch=batch)
    for of_one in asked:
        served = [
            session
            for job in found
            for part in job.gaps
            if part.series == of_one.series
            for session in part.sessions
        ]
        assert served == list(of_one.sessions)
    for job in found:
        assert len(job.tickers) <= batch
        assert all(job.of([ticker]).gaps for ticker in job.tickers)


@pytest.mark.parametrize(
    ("said", "done"),
    [
        ([], 0),
        (["TRACE:: RunDownload(): 40.00% complete (2 out of 5 symbols)"], 2),
        (["TRACE:: Download completed for BRK.B VI0DAY8F0SV9 at Minute"], 2),
        (["TRACE:: Starting download Symbol: GOOG T1AZ164W5VTX, Resolution: Minute"], 0),
        (["TRACE:: No data found for IBM between 2024 and 2025"], 4),
        (["ERROR:: something about MSFT", "(9 out of 9 symbols)"], 5),
    ],
)
def test_how_many_tickers_it_was_done_with(said: list[str], done: int) -> None:
    assert finished(said, TICKERS) == done


def asked_tickers(fake: FakeLean) -> list[str]:
    return [call["argv"][call["argv"].index("--ticker") + 1] for call in fake.calls]


def test_a_bad_ticker_is_tried_alone_and_the_rest_again(fake: FakeLean) -> None:
    fake.play(tickers={"GOOG": "broken"})
    played = fake.fetch(*map(gap, TICKERS))
    assert asked_tickers(fake) == ["AAPL,BRK.B,GOOG,IBM,MSFT", "GOOG", "IBM,MSFT"]
    assert {text.split()[0] for text in played.dates} == set(TICKERS) - {"GOOG"}
    assert len(played.dates) == 12
    assert type(played.error) is UnavailableError


def test_a_ticker_that_comes_when_alone_is_no_failure(fake: FakeLean) -> None:
    fake.play(tickers={"AAPL": "broken unless alone"})
    played = fake.fetch(gap("AAPL"), gap("MSFT"))
    assert asked_tickers(fake) == ["AAPL,MSFT", "AAPL", "MSFT"]
    assert len(played.dates) == 6
    assert played.error is None


def test_a_ticker_without_data_does_not_hide_which_one_broke(fake: FakeLean) -> None:
    fake.play(tickers={"AAPL": "null", "BRK.B": "unknown", "GOOG": "broken"})
    fake.fetch(*map(gap, TICKERS))
    assert asked_tickers(fake) == ["AAPL,BRK.B,GOOG,IBM,MSFT", "GOOG", "IBM,MSFT"]


def test_when_nothing_comes_at_all_it_is_not_called_for_every_ticker(fake: FakeLean) -> None:
    fake.play(tickers=dict.fromkeys(TICKERS, "broken"))
    played = fake.fetch(*map(gap, TICKERS))
    assert asked_tickers(fake) == [
        *("AAPL,BRK.B,GOOG,IBM,MSFT", "AAPL"),
        *("BRK.B,GOOG,IBM,MSFT", "BRK.B"),
    ]
    assert type(played.error) is UnavailableError


def test_one_ticker_is_not_called_twice(fake: FakeLean) -> None:
    fake.play(tickers={"AAPL": "broken"})
    fake.fetch(gap("AAPL"))
    assert asked_tickers(fake) == ["AAPL"]


def test_an_unknown_ticker_costs_nothing_but_itself(fake: FakeLean) -> None:
    fake.play(tickers={"GOOG": "unknown", "IBM": "no files"})
    played = fake.fetch(*map(gap, TICKERS))
    assert len(fake.calls) == 1
    assert len(played.dates) == 9
    assert "no data for GOOG" in str(played.error)
    assert "left nothing of IBM" in str(played.error)
    assert not isinstance(played.error, ContractError)  # the first of them is the class
