from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest
from attrs import evolve

from leanfeed.bars import Bars
from leanfeed.errors import ContractError, SourceError
from leanfeed.values import Delivery, Gap, Session
from tests.build import series, sessions
from tests.polygon.conftest import Connect
from tests.polygon_server import Fault, PolygonServer, Reply, Seen, error, synthetic

#: With a Sunday on which the clocks change.
_MONTH = sessions("2024-03-01", "2024-03-28")
_DAY = _MONTH[2]


def _gap(ticker: str, days: tuple[Session, ...] = _MONTH) -> Gap:
    return Gap(series(ticker, "daily"), days)


def _market(*tickers: str, days: tuple[Session, ...] = _MONTH) -> dict[tuple[str, str], Bars]:
    return {(t, "day"): synthetic(days, "day", seed=i) for i, t in enumerate(tickers)}


def test_500_symbols_and_20_sessions_are_20_requests(connect: Connect) -> None:
    tickers = [f"T{i}" for i in range(500)]
    market = _market(*tickers)
    gaps = [_gap(ticker) for ticker in tickers]
    with PolygonServer(market) as server:
        source = connect(server)
        got = list(source.fetch(gaps))
        assert len(server.seen) == len(_MONTH) == source.estimate(gaps).requests == 20
        query = {"adjusted": "false", "include_otc": "true"}
        assert all(seen.params == query for seen in server.seen)
        assert 1 < server.most_in_flight <= 5
    for ticker in tickers[::99]:
        mine = [d for d in got if d.series.symbol.ticker == ticker]
        assert [delivery.session for delivery in mine] == list(_MONTH)
        assert _bars(mine) == market[ticker, "day"]
    assert len(got) == 500 * 20


def _bars(deliveries: list[Delivery]) -> Bars:
    return Bars.concat([d.bars for d in deliveries if isinstance(d.bars, Bars)])


def test_one_long_history_is_one_request_more(connect: Connect) -> None:
    decade = sessions("2014-04-01", "2024-03-28")
    market = _market(*(f"T{i}" for i in range(30))) | _market("SPY", days=decade)
    gaps = [_gap(ticker, decade if ticker == "SPY" else _MONTH) for ticker, _ in market]
    with PolygonServer(market) as server:
        source = connect(server)
        got = list(source.fetch(gaps))
        assert len(server.seen) == 21 == source.estimate(gaps).requests
    assert len(got) == len(decade) + 30 * 20
    assert all(len(delivery.bars) == 1 for delivery in got)


def test_both_roads_give_the_same_bars(connect: Connect) -> None:
    market = _market(*(f"T{i}" for i in range(30)))
    with PolygonServer(market) as server:
        source = connect(server)
        shared = {(d.series, d.session): d.bars for d in source.fetch([_gap(t) for t, _ in market])}
        for ticker, _ in list(market)[:3]:
            for delivery in source.fetch([_gap(ticker)]):
                assert shared[delivery.series, delivery.session] == delivery.bars
        assert len(server.seen) == 20 + 3


def test_a_ticker_without_a_row_or_without_volume_was_not_traded(connect: Connect) -> None:
    market = _market("AAPL", "SPY", "AAMpA")
    market["SPY", "day"].volume[3] = 0
    market["AAPL", "day"] = market["AAPL", "day"].rows(slice(1, None))
    tickers = ["AAPL", "AAMPA", "AAMpA", *(f"T{i}" for i in range(30)), "SPY"]
    with PolygonServer(market) as server:
        got = list(connect(server).fetch([_gap(ticker) for ticker in tickers]))
        ranged = list(connect(server).fetch([_gap("SPY")]))
    counts = {
        ticker: [len(d.bars) for d in got if d.series.symbol.ticker == ticker] for ticker in tickers
    }
    assert counts["AAPL"] == [0] + [1] * 19
    assert counts["SPY"] == [1] * 3 + [0] + [1] * 16
    assert counts["AAMpA"] == [1] * 20
    assert counts["AAMPA"] == [0] * 20
    assert [len(delivery.bars) for delivery in ranged] == counts["SPY"]


def _changed(change: Callable[[dict[str, Any]], None], day: Session = _DAY) -> Fault:
    """Change the answer about one day."""

    def fault(seen: Seen, honest: Reply) -> Reply:
        if not seen.path.endswith(f"/{day}"):
            return honest
        body = json.loads(gzip.decompress(honest.body))
        change(body)
        return evolve(honest, body=gzip.compress(json.dumps(body).encode(), 1))

    return fault


def _without_rows(body: dict[str, Any]) -> None:
    del body["results"]
    body["resultsCount"] = 0


def _of_another_day(body: dict[str, Any]) -> None:
    for row in body["results"]:
        row["t"] += 86_400_000


def _adjusted(body: dict[str, Any]) -> None:
    body["adjusted"] = True


def _goes_on(body: dict[str, Any]) -> None:
    body["next_url"] = "https://api.polygon.io/v2/aggs/grouped"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_without_rows, "no ticker at all"),
        (_of_another_day, "no ticker at all"),
        (_adjusted, "adjusted"),
        (_goes_on, "another page"),
    ],
)
def test_an_answer_that_is_wrong_as_a_whole_costs_its_day(
    connect: Connect, change: Callable[[dict[str, Any]], None], words: str
) -> None:
    tickers = [f"T{i}" for i in range(30)]
    got: list[Delivery] = []
    with (
        PolygonServer(_market(*tickers), faults=[_changed(change)]) as server,
        pytest.raises(ContractError, match=words),
    ):
        got.extend(connect(server).fetch([_gap(ticker) for ticker in tickers]))
    assert {delivery.session for delivery in got} == set(_MONTH) - {_DAY}
    assert len(got) == 19 * 30


def test_a_wrong_row_costs_its_ticker_that_day_only(connect: Connect) -> None:
    tickers = [f"T{i}" for i in range(30)]

    def change(body: dict[str, Any]) -> None:
        body["results"][0]["h"] = 0.01
        body["results"][1]["o"] = None
        body["results"].append({"T": "STRANGER", "o": "?"})
        body["resultsCount"] += 1

    got: list[Delivery] = []
    with PolygonServer(_market(*tickers), faults=[_changed(change)]) as server:
        fetching = connect(server).fetch([_gap(ticker) for ticker in tickers])
        with pytest.raises(ContractError, match=r"T0 on 2024-03-05.*1 more question got"):
            got.extend(fetching)
    missing = {(_gap(t).series, s) for t in tickers for s in _MONTH}
    missing -= {(delivery.series, delivery.session) for delivery in got}
    assert missing == {(_gap(ticker).series, _DAY) for ticker in ("T0", "T1")}


def test_provider_that_refuses_whole_days_is_asked_for_ranges(connect: Connect) -> None:
    market = _market(*(f"T{i}" for i in range(30)))

    def no_whole_days(seen: Seen, honest: Reply) -> Reply:
        return error(404, message="Data not found.") if "grouped" in seen.path else honest

    gaps = [_gap(ticker) for ticker, _ in market]
    with PolygonServer(market, faults=[no_whole_days]) as server:
        got = list(connect(server).fetch(gaps))
        refused = [seen for seen in server.seen if "grouped" in seen.path]
        assert len(refused) <= 5
        assert len(server.seen) == len(refused) + 30
    for ticker, _ in market:
        mine = [delivery for delivery in got if delivery.series.symbol.ticker == ticker]
        assert _bars(mine) == market[ticker, "day"]


def test_one_day_that_is_refused_is_not_asked_for_otherwise(connect: Connect) -> None:
    market = _market(*(f"T{i}" for i in range(30)))

    def not_the_last(seen: Seen, honest: Reply) -> Reply:
        return error(404, message="Data not found.") if "2024-03-28" in seen.path else honest

    with PolygonServer(market, faults=[not_the_last]) as server:
        got: list[Delivery] = []
        with pytest.raises(SourceError, match="Data not found"):
            got += connect(server).fetch([_gap(ticker) for ticker, _ in market])
        assert len(server.seen) == 20
