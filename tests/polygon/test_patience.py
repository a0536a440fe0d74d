"""How long the source tries, and whom a failure costs what."""

from __future__ import annotations

import threading
import time

import pytest
from attrs import evolve

from leanfeed import AuthenticationError, Gap, RateLimitedError, SourceError, UnavailableError
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


@pytest.mark.parametrize("is_in_a_page", [False, True])
def test_key_that_is_revoked_in_the_middle_ends_the_source_and_hides_nothing(
    connect: Connect, is_in_a_page: bool
) -> None:
    """What was wrong before is said with it, and nothing is asked any more."""

    def revoked(seen: Seen, honest: Reply) -> Reply:
        if "/BAD/" in seen.path:
            return error(404, message="Ticker not found.")
        is_late = "cursor" in seen.params if is_in_a_page else "/LATE/" in seen.path
        return error(401, error="Unknown API Key") if is_late else honest

    many = [f"T{number}" for number in range(40)]
    market = {
        ("AAPL", "minute"): synthetic(_DAYS[:2], density=0.1),
        ("LATE", "minute"): synthetic(_DAYS[:2], density=0.5),
    }
    gaps = [Gap(build.series(name), _DAYS[:2]) for name in ("AAPL", "BAD", "LATE", *many)]
    served: set[str] = set()
    with PolygonServer(market, faults=[revoked], page_limit=500) as server:
        deliveries = connect(server).fetch(gaps)
        with pytest.raises(AuthenticationError, match="Set POLYGON_API_KEY") as caught:
            served.update(delivery.series.symbol.ticker for delivery in deliveries)
        assert len(server.seen) < 20
    assert served == {"AAPL"}
    assert "Unknown API Key" in str(caught.value)
    assert "Before that: Polygon refused the question: Ticker not found" in str(caught.value)


def test_limit_of_the_plan_is_told_although_the_key_is_revoked(connect: Connect) -> None:
    def revoked(seen: Seen, honest: Reply) -> Reply:
        return error(401, error="Unknown API Key") if "/LATE/" in seen.path else honest

    market = {("AAPL", "minute"): synthetic(_DAYS, density=0.01)}
    gaps = [Gap(build.series(name), _DAYS) for name in ("AAPL", "LATE")]
    with (
        PolygonServer(market, faults=[revoked], history_from=_DAYS[3].date) as server,
        pytest.raises(AuthenticationError, match="Set POLYGON_API_KEY") as caught,
    ):
        list(connect(server, in_flight=1).fetch(gaps))
    assert "Before that: Polygon's plan does not include 3 trading days" in str(caught.value)


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
