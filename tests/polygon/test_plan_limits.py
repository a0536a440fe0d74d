from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from collections.abc import Iterable

import pytest
from attrs import evolve

from leanfeed.bars import Bars
from leanfeed.errors import AuthenticationError, SourceError
from leanfeed.values import Delivery, Gap, Session
from leanfeed_polygon.answers import Answer, Question
from leanfeed_polygon.plan_limits import AnyQuestion, PlanLimits
from leanfeed_polygon.refusals import (
    DatesRefusedError,
    Limit,
    PlanLimitError,
)
from leanfeed_polygon.source import PolygonSource
from leanfeed_polygon.windows import Timespan, windows
from tests.build import series, sessions
from tests.polygon.conftest import Connect
from tests.polygon_server import PolygonServer, Reply, Seen, error, first, synthetic

_YEAR = sessions("2023-01-03", "2023-12-29")
_MINUTES = synthetic(_YEAR, density=0.01)
_DAYS = synthetic(_YEAR, "day")
_TIMEFRAME = "Your plan doesn't include this data timeframe. Please upgrade your plan"
_TODAY = "Attempted to request today's data before end of day. Please upgrade your plan"
_PRODUCT = "You are not entitled to this data. Please upgrade your plan"


def _fetch(source: PolygonSource, gaps: list[Gap]) -> tuple[list[Delivery], SourceError | None]:
    got: list[Delivery] = []
    try:
        got.extend(source.fetch(gaps))
    except SourceError as problem:
        return got, problem
    return got, None


def _dates(deliveries: Iterable[Delivery]) -> list[dt.date]:
    return [delivery.session.date for delivery in deliveries]


def _bars(deliveries: Iterable[Delivery]) -> Bars:
    return Bars.concat([d.bars for d in deliveries if isinstance(d.bars, Bars)])


@pytest.mark.parametrize(
    ("resolution", "allowed", "clips"),
    [
        *((resolution, n, False) for resolution in ("minute", "daily") for n in (1, 30, 125, 249)),
        *(("minute", n, True) for n in (100, 125, 249)),
    ],
)
def test_what_the_plan_includes_is_delivered_after_a_short_search(
    connect: Connect, resolution: str, allowed: int, clips: bool
) -> None:
    market = {("SPY", "minute"): _MINUTES, ("SPY", "day"): _DAYS}
    start = _YEAR[allowed]
    gap = Gap(series("SPY", resolution), _YEAR)
    with PolygonServer(market, history_from=start.date, clips=clips) as server:
        source = connect(server)
        got, problem = _fetch(source, [gap])
        probes = math.ceil(math.log2(len(_YEAR)))
        assert len(server.seen) <= source.estimate([gap]).requests + probes + 1
    assert _dates(got) == [session.date for session in _YEAR[allowed:]]
    whole = _MINUTES if resolution == "minute" else _DAYS
    assert _bars(got) == whole.between(start.day[0], _YEAR[-1].day[1])
    assert all(len(delivery.bars) for delivery in got)
    assert type(problem) is PlanLimitError
    dates = f"{allowed} trading days asked for, 2023-01-03 … {_YEAR[allowed - 1]}"
    assert (dates if allowed > 1 else "not include 2023-01-03: ") in str(problem)
    assert _TIMEFRAME in str(problem)
    assert f"Ask for dates from {start}, which" in str(problem)


def test_a_clipped_answer_looks_like_one_about_a_ticker_that_was_listed_later(
    connect: Connect,
) -> None:
    start = _YEAR[100]
    with PolygonServer({("SPY", "day"): _DAYS}, history_from=start.date, clips=True) as server:
        got, problem = _fetch(connect(server), [Gap(series("SPY", "daily"), _YEAR)])
        assert len(server.seen) == 1
    assert problem is None
    assert [len(delivery.bars) for delivery in got] == [0] * 100 + [1] * 150


def test_a_limit_found_once_holds_for_all_symbols_and_resolutions(connect: Connect) -> None:
    tickers = [f"T{i}" for i in range(20)]
    market = {(t, timespan): bars for t in tickers for timespan, bars in
              (("minute", _MINUTES), ("day", _DAYS))}  # fmt: skip
    start = _YEAR[120]
    # Different days for every ticker, so that each is asked for by range.
    gaps = [Gap(series(t, "daily"), _YEAR[i::5]) for i, t in enumerate(tickers)]
    gaps += [Gap(series(t), _YEAR) for t in tickers]
    with PolygonServer(market, history_from=start.date, latency=0.01) as server:
        got, problem = _fetch(connect(server), gaps)
        probes = math.ceil(math.log2(len(_YEAR)))
        refused = _refused(server, start)
        # Two of the five windows of minutes lie wholly before the limit, one straddles it.
        allowed = 20 + 20 * 3
        assert len(server.seen) <= allowed + probes + 5
        assert refused <= probes + 5
        assert server.most_in_flight <= 5
    assert type(problem) is PlanLimitError
    assert "120 trading days" in str(problem)
    wanted = {(gap.series, s) for gap in gaps for s in gap.sessions if s.date >= start.date}
    assert {(d.series, d.session) for d in got} == wanted
    assert len(got) == len(wanted)


def _refused(server: PolygonServer, start: Session) -> int:
    def is_refused(seen: Seen) -> bool:
        bound = seen.path.split("/")[-2]
        return bound < start.date.isoformat() if "-" in bound else int(bound) < start.day[0]

    return sum(map(is_refused, server.seen))


def test_a_plan_that_includes_nothing_is_one_error_after_a_short_search(connect: Connect) -> None:
    market = {("SPY", "minute"): _MINUTES}
    with PolygonServer(market, history_from=dt.date(2024, 6, 1)) as server:
        got, problem = _fetch(connect(server), [Gap(series(), _YEAR)])
        assert len(server.seen) <= 5 + math.log2(len(_YEAR)) + 1
    assert got == []
    assert type(problem) is PlanLimitError
    assert "250 trading days" in str(problem)
    assert "take a plan that includes them" in str(problem)


@pytest.mark.parametrize("resolution", ["minute", "daily"])
def test_today_is_left_out_at_the_cost_of_one_request(connect: Connect, resolution: str) -> None:
    week = _YEAR[-5:]
    market = {("SPY", "minute"): _MINUTES, ("SPY", "day"): _DAYS}
    with PolygonServer(market, today_refused=week[-1].date) as server:
        got, problem = _fetch(connect(server), [Gap(series("SPY", resolution), week)])
        assert len(server.seen) == 2
    assert _dates(got) == [session.date for session in week[:-1]]
    assert type(problem) is PlanLimitError
    assert f"does not include {week[-1]}: {_TODAY}" in str(problem)
    assert "when the day is over" in str(problem)


def test_several_days_that_are_not_over_are_found_by_a_search(connect: Connect) -> None:
    with PolygonServer({("SPY", "day"): _DAYS}, today_refused=_YEAR[-20].date) as server:
        got, problem = _fetch(connect(server), [Gap(series("SPY", "daily"), _YEAR)])
        assert len(server.seen) <= 3 + math.log2(len(_YEAR)) + 1
    assert _dates(got) == [session.date for session in _YEAR[:-20]]
    assert "20 trading days" in str(problem)


def test_both_limits_are_told(connect: Connect) -> None:
    with PolygonServer(
        {("SPY", "day"): _DAYS}, history_from=_YEAR[10].date, today_refused=_YEAR[-1].date
    ) as server:
        got, problem = _fetch(connect(server), [Gap(series("SPY", "daily"), _YEAR)])
    assert _dates(got) == [session.date for session in _YEAR[10:-1]]
    assert "11 trading days" in str(problem)
    assert _TIMEFRAME in str(problem)
    assert _TODAY in str(problem)


def test_whole_days_of_the_market_keep_the_limit(connect: Connect) -> None:
    month = _YEAR[:20]
    market = {(f"T{i}", "day"): synthetic(month, "day", seed=i) for i in range(60)}
    gaps = [Gap(series(ticker, "daily"), month) for ticker, _ in market]
    with PolygonServer(market, history_from=month[12].date) as server:
        got, problem = _fetch(connect(server), gaps)
        assert len(server.seen) <= 8 + 5 + math.ceil(math.log2(20))
        assert all("grouped" in seen.path for seen in server.seen)
    assert "12 trading days" in str(problem)
    assert Counter(_dates(got)) == {session.date: 60 for session in month[12:]}


@pytest.mark.parametrize("status", [200, 403])
def test_a_product_that_is_refused_ends_the_run_at_once(connect: Connect, status: int) -> None:
    refused = evolve(error(403, message=_PRODUCT), status=status)
    with PolygonServer({}, faults=[first(999, refused)], latency=0.02) as server:
        gaps = [Gap(series(f"T{i}"), _YEAR) for i in range(20)]
        got, problem = _fetch(connect(server), gaps)
        assert len(server.seen) <= 5
        _fetch(connect(server, in_flight=1), gaps)
        assert len(server.seen) <= 6
    assert got == []
    assert isinstance(problem, AuthenticationError)
    assert _PRODUCT in str(problem)


def test_a_key_that_is_refused_is_not_shown_to_the_provider_again(connect: Connect) -> None:
    with PolygonServer({}, latency=0.02) as server:
        gaps = [Gap(series(f"T{i}"), _YEAR) for i in range(20)]
        _, problem = _fetch(connect(server, api_key="wrong"), gaps)
        assert len(server.seen) <= 5
    assert "Unknown API Key" in str(problem)


def test_a_provider_that_contradicts_itself_is_not_asked_for_ever(connect: Connect) -> None:
    """Single days are answered, and every range is refused."""

    def fault(seen: Seen, honest: Reply) -> Reply:
        is_range = len(set(seen.path.split("/")[-2:])) == 2
        return error(403, message=_TIMEFRAME) if is_range else honest

    tickers = ["AAPL", "MSFT", "SPY"]
    with PolygonServer({(t, "day"): _DAYS for t in tickers}, faults=[fault]) as server:
        gaps = [Gap(series(t, "daily"), _YEAR[i::3]) for i, t in enumerate(tickers)]
        got, problem = _fetch(connect(server), gaps)
        assert len(server.seen) <= 3 + 3 + math.log2(len(_YEAR)) + 1
    assert got == []
    assert "250 trading days" in str(problem)


def test_an_answer_that_is_empty_up_to_a_known_limit_is_not_believed() -> None:
    week = _YEAR[:5]
    question = Question("SPY", Timespan.DAY, windows(week, Timespan.DAY)[0])
    bars = {"SPY": _DAYS.between(week[2].day[0], week[4].day[0])}
    answer = Answer(frozenset(week), bars, "r-1")

    def send(asked: AnyQuestion) -> Answer:
        if asked.sessions[0].date < week[2].date:
            raise DatesRefusedError(Limit.HISTORY, _TIMEFRAME)
        return evolve(answer, sessions=frozenset(asked.sessions))

    limits = PlanLimits(send, week)
    assert limits.believed(answer) is answer
    narrowed = limits.ask(question)
    assert narrowed is not None
    assert narrowed.sessions == set(week[2:])
    # What is empty after the limit stays affirmed; what has bars before it does as well.
    assert limits.believed(answer).sessions == set(week[2:])
    early = evolve(answer, bars={"SPY": _DAYS.between(week[1].day[0], week[4].day[1])})
    assert limits.believed(early).sessions == set(week[1:])
