"""How long the source tries, and whom a failure costs what."""

from __future__ import annotations

import threading
import time

import pytest
from attrs import evolve

from leanfeed import Gap, RateLimitedError, SourceError, UnavailableError
from leanfeed_polygon import client as module
from tests import build
from tests.polygon.conftest import Connect
from tests.polygon_server import PolygonServer, Reply, Seen, error, first, synthetic

_DAYS = build.sessions("2024-01-02", "2024-06-28")
_GOOD = ("AAPL", "MSFT", "SPY")


@pytest.mark.parametrize("bad", [Reply(status=500), error(404, message="Ticker not found.")])
def test_one_bad_ticker_costs_itself_only(connect: Connect, bad: Reply) -> None:
    def only_bad(seen: Seen, honest: Reply) -> Reply:
        return bad if "/BAD/" in seen.path else honest

    market = {(t, "minute"): synthetic(_DAYS, density=0.01) for t in _GOOD}
    gaps = [Gap(build.series(ticker), _DAYS) for ticker in ("BAD", *_GOOD)]
    served: set[str] = set()
    with PolygonServer(market, faults=[only_bad], latency=0.01) as server:
        deliveries = connect(server, retries=1).fetch(gaps)
        with pytest.raises(SourceError):
            served.update(delivery.series.symbol.ticker for delivery in deliveries)
    assert served == set(_GOOD)


def test_provider_that_answers_nobody_is_left_after_a_few_questions(connect: Connect) -> None:
    gaps = [Gap(build.series(f"T{i}"), _DAYS[:5]) for i in range(40)]
    with PolygonServer({}, faults=[first(999, Reply(status=503))]) as server:
        with pytest.raises(UnavailableError):
            list(connect(server, retries=0).fetch(gaps))
        assert len(server.seen) < 20


def test_patience_with_one_question_is_bounded(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PATIENCE", 0.5)
    slow = evolve(Reply(status=503), delay=0.3)
    with PolygonServer({}, faults=[first(99, slow)]) as server:
        with pytest.raises(UnavailableError):
            list(connect(server, retries=20).fetch([Gap(build.series(), _DAYS[:5])]))
        assert len(server.seen) <= 3


def test_long_retry_after_is_not_waited_for(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PATIENCE", 2.0)
    refused = evolve(error(429, error="slow down"), headers={"Retry-After": "9999"})
    started = time.monotonic()
    with PolygonServer({}, faults=[first(99, refused)]) as server:
        with pytest.raises(RateLimitedError):
            list(connect(server).fetch([Gap(build.series(), _DAYS[:5])]))
        assert len(server.seen) == 1
    assert time.monotonic() - started < 2


def test_refusal_does_not_let_everybody_start_at_once(connect: Connect) -> None:
    """Those who wait queue again when the pause is over: the pace holds."""
    arrivals: list[float] = []
    lock = threading.Lock()

    def refuse_the_third(seen: Seen, honest: Reply) -> Reply:
        with lock:
            arrivals.append(time.monotonic())
        if seen.number == 2:
            return evolve(error(429, error="slow down"), headers={"Retry-After": "1"})
        return honest

    market = {(f"T{i}", "minute"): synthetic(_DAYS[:2], density=0.01) for i in range(12)}
    gaps = [Gap(build.series(ticker), _DAYS[:2]) for ticker, _ in market]
    with PolygonServer(market, faults=[refuse_the_third]) as server:
        source = connect(server, requests_per_second=10)
        assert len(list(source.fetch(gaps))) == 24
    busiest = max(sum(a <= b < a + 0.5 for b in arrivals) for a in arrivals)
    assert busiest <= 6
