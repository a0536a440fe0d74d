from __future__ import annotations

import gzip
import math
from pathlib import Path

import pytest
from attrs import evolve

from leanfeed.bars import Bars
from leanfeed.errors import ContractError
from leanfeed.events import Event, RequestAnswered, listening
from leanfeed.lean.consolidate import daily, hourly
from leanfeed.lean.reader import read_file
from leanfeed.registry import installed
from leanfeed.values import Delivery, Gap, SecurityType, Series, Session, Symbol, TickType
from leanfeed_polygon import leanfeed_data_sources
from leanfeed_polygon.source import PolygonSource
from tests.build import series, sessions
from tests.polygon.conftest import Connect
from tests.polygon_server import PolygonServer, from_lean, synthetic

_WEEK = sessions("2024-03-04", "2024-03-08")


def _gap(days: tuple[Session, ...], resolution: str = "minute", ticker: str = "SPY") -> Gap:
    return Gap(series(ticker, resolution), days)


def _bars(deliveries: list[Delivery]) -> list[Bars]:
    assert all(isinstance(delivery.bars, Bars) for delivery in deliveries)
    return [delivery.bars for delivery in deliveries if isinstance(delivery.bars, Bars)]


def test_the_hook_offers_it_under_its_name() -> None:
    assert [*leanfeed_data_sources()] == ["polygon"]
    assert installed().sources["polygon"].factory is PolygonSource


def test_it_supports_us_equity_trades() -> None:
    source = PolygonSource()
    assert all(source.supports(series("SPY", r)) for r in ("second", "minute", "hour", "daily"))
    minute = series()
    assert not source.supports(evolve(minute, tick_type=TickType.QUOTE))
    assert not source.supports(Series(Symbol("SPY", market="india"), minute.resolution))
    crypto = Symbol("BTCUSD", SecurityType.CRYPTO, "coinbase")
    assert not source.supports(Series(crypto, minute.resolution))


def test_lean_s_own_samples_come_back_as_they_are(lean_data: Path, connect: Connect) -> None:
    usa = lean_data / "equity" / "usa"
    with PolygonServer(from_lean(lean_data)) as server:
        for resolution in ("minute", "second"):
            for path in sorted((usa / resolution / "spy").glob("*_trade.zip")):
                day = f"{path.name[:4]}-{path.name[4:6]}-{path.name[6:8]}"
                (delivery,) = connect(server).fetch([_gap(sessions(day, day), resolution)])
                assert delivery.bars == read_file(path)
        days = sessions("2014-01-02", "2014-12-31")
        deliveries = list(connect(server).fetch([_gap(days, "daily")]))
        expected = read_file(usa / "daily" / "spy.zip").between(days[0].day[0], days[-1].day[1])
        assert Bars.concat(_bars(deliveries)) == expected


def test_three_years_of_minutes_need_the_fewest_requests_and_never_more_than_five_at_once(
    connect: Connect,
) -> None:
    year = sessions("2023-01-03", "2023-12-29")
    market = {(t, "minute"): synthetic(year, density=0.01) for t in ("AAPL", "MSFT", "SPY")}
    gaps = [_gap(year, ticker=ticker) for ticker, _ in market]
    with PolygonServer(market, latency=0.05) as server:
        source = connect(server)
        deliveries = list(source.fetch(gaps))
        fewest = 3 * math.ceil(len(year) * 960 / 50_000)
        assert len(server.seen) == fewest == source.estimate(gaps).requests
        assert 1 < server.most_in_flight <= 5
    expected = [(gap.series, session) for gap in gaps for session in year]
    assert [(delivery.series, delivery.session) for delivery in deliveries] == expected
    assert Bars.concat(_bars(deliveries[: len(year)])) == market["AAPL", "minute"]


def test_a_session_that_windows_and_pages_cut_is_whole(connect: Connect) -> None:
    market = {("SPY", "second"): synthetic(_WEEK, "second", density=0.02)}
    with PolygonServer(market, page_limit=700) as server:
        gap = _gap(_WEEK, "second")
        deliveries = list(connect(server).fetch([gap]))
        assert len(server.seen) > connect(server).estimate([gap]).requests == 6
        assert all(
            seen.params["adjusted"] == "false" for seen in server.seen if "limit" in seen.params
        )
    assert [len(bars) > 900 for bars in _bars(deliveries)] == [True] * 5
    assert Bars.concat(_bars(deliveries)) == market["SPY", "second"]


def test_a_bridged_session_is_not_delivered(connect: Connect) -> None:
    market = {("SPY", "minute"): synthetic(_WEEK), ("SPY", "day"): synthetic(_WEEK, "day")}
    ends = (_WEEK[0], _WEEK[4])
    with PolygonServer(market) as server:
        for resolution in ("minute", "daily"):
            deliveries = list(connect(server).fetch([_gap(ends, resolution)]))
            assert [delivery.session for delivery in deliveries] == list(ends)
            assert all(len(delivery.bars) for delivery in deliveries)
        assert len(server.seen) == 2


def test_a_session_without_bars_affirms_that_there_was_no_trading(connect: Connect) -> None:
    market = {
        ("SPY", "minute"): synthetic(_WEEK[1:2]),
        ("SPY", "day"): synthetic(_WEEK[1:2], "day"),
    }
    with PolygonServer(market) as server:
        for resolution in ("minute", "hour", "daily"):
            deliveries = list(connect(server).fetch([_gap(_WEEK, resolution)]))
            assert [bool(len(bars)) for bars in _bars(deliveries)] == [False, True] + [False] * 3
            assert all(delivery.request_id for delivery in deliveries)
        unknown = list(connect(server).fetch([_gap(_WEEK, ticker="NOSUCH")]))
        assert [len(delivery.bars) for delivery in unknown] == [0] * 5


def test_series_made_from_minutes_share_their_pages(connect: Connect) -> None:
    bars = synthetic(_WEEK, density=0.5)
    gaps = [_gap(_WEEK[:3]), _gap(_WEEK[1:], "hour"), _gap(_WEEK, "daily")]
    with PolygonServer({("SPY", "minute"): bars}) as server:
        source = connect(server, daily="minutes")
        deliveries = list(source.fetch(gaps))
        assert len(server.seen) == 1 == source.estimate(gaps).requests
    given = {(str(d.series.resolution), d.session): d.bars for d in deliveries}
    assert len(given) == len(deliveries) == 3 + 4 + 5
    middle = _WEEK[1]
    minutes = bars.between(*middle.extended)
    assert given["minute", middle] == minutes
    assert given["hour", middle] == hourly(minutes, middle)
    assert given["daily", middle] == daily(minutes, middle)


@pytest.mark.parametrize("hour", [0, 16])
def test_a_day_starts_at_new_york_s_midnight_whatever_its_stamp(
    connect: Connect, hour: int
) -> None:
    days = sessions("2024-03-07", "2024-03-12") + sessions("2024-10-31", "2024-11-05")
    bars = synthetic(days, "day")
    stamped = evolve(bars, time=bars.time + hour * 3_600_000)
    with PolygonServer({("SPY", "day"): stamped}) as server:
        deliveries = list(connect(server).fetch([_gap(days, "daily")]))
    assert [delivery.session for delivery in deliveries] == list(days)
    assert Bars.concat(_bars(deliveries)) == bars


def test_two_bars_of_one_day_are_refused(connect: Connect) -> None:
    bars = synthetic(_WEEK[:1], "day")
    twice = Bars.concat([bars, evolve(bars, time=bars.time + 16 * 3_600_000)])
    with (
        PolygonServer({("SPY", "day"): twice}) as server,
        pytest.raises(ContractError, match="2 daily bars of SPY for 2024-03-04"),
    ):
        list(connect(server).fetch([_gap(_WEEK[:1], "daily")]))


def test_every_answer_is_announced_with_what_it_weighs(connect: Connect) -> None:
    heard: list[Event] = []
    bars = synthetic(_WEEK)
    with PolygonServer({("SPY", "minute"): bars}) as server, listening(heard.append):
        list(connect(server).fetch([_gap(_WEEK)]))
    (event,) = heard
    assert isinstance(event, RequestAnswered)
    assert (event.source, event.status, event.is_retry) == ("polygon", 200, False)
    assert event.target.startswith("/v2/aggs/ticker/SPY/range/1/minute/")
    # Compressed: a row of JSON alone is more than 50 bytes.
    assert len(bars) < event.bytes_fetched < 50 * len(bars)
    assert event.duration_seconds > 0


def test_a_server_without_compression_is_understood(connect: Connect) -> None:
    bars = synthetic(_WEEK[:1])

    def plain(headers: dict[str, str]) -> dict[str, str]:
        return {name: value for name, value in headers.items() if name != "Content-Encoding"}

    with PolygonServer({("SPY", "minute"): bars}) as server:
        server.faults.append(
            lambda _, r: evolve(r, body=gzip.decompress(r.body), headers=plain(r.headers))
        )
        (delivery,) = connect(server).fetch([_gap(_WEEK[:1])])
    assert delivery.bars == bars


def test_the_bytes_that_are_foreseen_are_about_those_that_come(connect: Connect) -> None:
    # Prices that differ in every bar, as real ones do; the server compresses as Polygon does.
    month = sessions("2024-01-02", "2024-01-31")
    with PolygonServer({("SPY", "minute"): synthetic(month, density=0.4)}) as server:
        source = connect(server)
        fetched: list[int] = []

        def hear(event: Event) -> None:
            if isinstance(event, RequestAnswered):
                fetched.append(event.bytes_fetched)

        with listening(hear):
            list(source.fetch([_gap(month)]))
        foreseen = source.estimate([_gap(month)]).bytes
    assert foreseen is not None
    assert sum(fetched) / 2 < foreseen < sum(fetched) * 2
