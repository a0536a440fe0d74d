from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Iterator

import pytest
from attrs import evolve

from leanfeed.errors import (
    AuthenticationError,
    ContractError,
    RateLimitedError,
    SourceError,
    UnavailableError,
)
from leanfeed.events import Event, listening
from leanfeed.values import Delivery, Gap
from leanfeed_polygon.source import PolygonSource
from tests.build import series, sessions
from tests.polygon.conftest import Connect
from tests.polygon_server import (
    Fault,
    PolygonServer,
    Reply,
    Seen,
    cut_gzip,
    error,
    first,
    synthetic,
)

_WEEK = sessions("2024-03-04", "2024-03-08")
_GAP = Gap(series(), _WEEK)
_BARS = synthetic(_WEEK, density=0.1)


@pytest.fixture
def server() -> Iterator[PolygonServer]:
    with PolygonServer({("SPY", "minute"): _BARS}) as running:
        yield running


def _not_json(_seen: Seen, honest: Reply) -> Reply:
    return Reply(body=b"<html>sign in</html>")


def _dropped_in_the_body(_seen: Seen, honest: Reply) -> Reply:
    return evolve(honest, drop_after=100)


_TRANSIENT = [
    error(429, error="slow down"),
    evolve(error(429), headers={"Retry-After": "0"}),
    evolve(error(429), headers={"Retry-After": "-1"}),
    evolve(error(429), headers={"Retry-After": "soon"}),
    error(500),
    Reply(502, b"<html>bad gateway</html>"),
    Reply(503),
    Reply(drop_after=-1),
    Reply(body=b'{"status":"ERROR"}'),
    Reply(body=b"no gzip", headers={"Content-Encoding": "gzip"}),
    cut_gzip,
    _not_json,
    _dropped_in_the_body,
]


@pytest.mark.parametrize("bad", _TRANSIENT)
def test_a_passing_fault_is_survived(
    server: PolygonServer, connect: Connect, bad: Reply | Fault
) -> None:
    server.faults.append(first(2, bad))
    heard: list[Event] = []
    with listening(heard.append):
        deliveries = list(connect(server).fetch([_GAP]))
    assert sum(len(delivery.bars) for delivery in deliveries) == len(_BARS)
    assert [event.is_retry for event in heard] == [False, True, True]  # type: ignore[attr-defined]


@pytest.mark.parametrize("bad", _TRANSIENT)
def test_a_lasting_fault_ends_typed_after_a_handful_of_tries(
    server: PolygonServer, connect: Connect, bad: Reply | Fault
) -> None:
    server.faults.append(first(99, bad))
    is_rate = isinstance(bad, Reply) and bad.status == 429
    with pytest.raises(RateLimitedError if is_rate else UnavailableError):
        list(connect(server).fetch([_GAP]))
    assert len(server.seen) == 5


@pytest.mark.parametrize(
    ("bad", "kind", "words"),
    [
        (error(400, error="'to' before 'from'"), SourceError, "'to' before 'from'"),
        (error(401, error="Unknown API Key"), AuthenticationError, "Set POLYGON_API_KEY"),
        (error(403, message="Your plan doesn't"), AuthenticationError, "Your plan doesn't"),
        (error(404, message="Data not found."), SourceError, "Data not found"),
        (Reply(body=b'{"status":"NOT_AUTHORIZED","message":"no"}'), AuthenticationError, "no"),
        (Reply(body=b"[]"), ContractError, "another shape"),
        (Reply(302, headers={"Location": "/"}), ContractError, "redirects"),
        (Reply(body=b"?", headers={"Content-Encoding": "br"}), ContractError, "encoded"),
    ],
)
def test_a_refusal_is_tried_once_and_says_why(
    server: PolygonServer, connect: Connect, bad: Reply, kind: type[SourceError], words: str
) -> None:
    server.faults.append(first(99, bad))
    with pytest.raises(kind, match=words):
        list(connect(server).fetch([_GAP]))
    assert len(server.seen) == 1


def test_without_a_key_nothing_is_asked(server: PolygonServer, connect: Connect) -> None:
    source = connect(server, api_key="")
    assert "POLYGON_API_KEY" in str(source.diagnose())
    assert source.estimate([_GAP]).requests == 1
    with pytest.raises(AuthenticationError, match="POLYGON_API_KEY"):
        next(source.fetch([_GAP]))
    assert server.seen == []


def test_one_bad_bar_costs_only_the_sessions_of_its_page(connect: Connect) -> None:
    gaps = [Gap(series(ticker), _WEEK) for ticker in ("AAPL", "MSFT", "SPY")]
    wrong = evolve(_BARS, high=_BARS.low / 2)
    market = {("AAPL", "minute"): _BARS, ("MSFT", "minute"): wrong, ("SPY", "minute"): _BARS}
    deliveries: list[Delivery] = []
    with PolygonServer(market) as server, pytest.raises(ContractError, match="MSFT"):
        deliveries.extend(connect(server).fetch(gaps))
    assert {delivery.series.symbol.ticker for delivery in deliveries} == {"AAPL", "SPY"}


def test_pages_that_never_end_are_left(server: PolygonServer, connect: Connect) -> None:
    def endless(seen: Seen, _honest: Reply) -> Reply:
        start = _WEEK[0].extended[0] + 60_000 * (seen.number + 1)
        path = f"/v2/aggs/ticker/SPY/range/1/minute/{start}/2024-03-09"
        text = '{"status":"OK","ticker":"SPY","resultsCount":0,"next_url":"%s"}'
        return Reply(body=(text % path).encode())

    server.faults.append(endless)
    with pytest.raises(ContractError, match="100 pages"):
        list(connect(server).fetch([_GAP]))
    assert len(server.seen) == 100


def test_a_body_too_large_is_not_taken_in(server: PolygonServer, connect: Connect) -> None:
    bomb = Reply(body=gzip.compress(bytes(70 * 2**20), 1), headers={"Content-Encoding": "gzip"})
    server.faults.append(first(1, bomb))
    with pytest.raises(ContractError, match="larger than 16 MB"):
        list(connect(server).fetch([_GAP]))


@pytest.mark.parametrize("slow", [Reply(delay=5), Reply(body=bytes(500), drip=0.01)])
def test_a_deadline_ends_a_try_that_hangs_or_drips(
    server: PolygonServer, connect: Connect, slow: Reply
) -> None:
    server.faults.append(first(1, slow))
    started = time.monotonic()
    assert len(list(connect(server, deadline=0.3).fetch([_GAP]))) == 5
    assert 0.3 <= time.monotonic() - started < 3


def test_a_run_that_is_left_leaves_nothing_behind(connect: Connect) -> None:
    days = sessions("2023-01-03", "2023-12-29")
    with PolygonServer({("SPY", "minute"): synthetic(days, density=0.01)}) as server:
        oldest, hanging = f"/{days[0].extended[0]}/", Reply(delay=20)
        server.faults.append(lambda seen, honest: honest if oldest in seen.path else hanging)
        fetching = connect(server, in_flight=2).fetch([Gap(series(), days)])
        next(fetching)
        started = time.monotonic()
        fetching.close()  # type: ignore[attr-defined]
        threads = [t for t in threading.enumerate() if t.name.startswith("leanfeed-polygon")]
        for thread in threads:
            thread.join(3)
        assert time.monotonic() - started < 3
        assert not any(thread.is_alive() for thread in threads)


def test_two_runs_share_the_five_requests_of_the_process(connect: Connect) -> None:
    days = sessions("2023-01-03", "2023-12-29")
    market = {(t, "minute"): synthetic(days, density=0.01) for t in ("AAPL", "SPY")}
    with PolygonServer(market, latency=0.1) as server:

        def run(ticker: str) -> None:
            list(connect(server).fetch([Gap(series(ticker), days)]))

        threads = [threading.Thread(target=run, args=(ticker,)) for ticker in ("AAPL", "SPY")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(server.seen) == 10
        assert server.most_in_flight <= 5


def test_a_host_that_is_not_there_is_named() -> None:
    source = PolygonSource(api_key="k", base_url="http://127.0.0.1:1", retry_pause=0)
    with pytest.raises(UnavailableError, match=r"cannot be reached at http://127\.0\.0\.1:1:"):
        list(source.fetch([_GAP]))
