"""A run that is stopped ends at once, wherever its source waits, and leaves nothing behind."""

from __future__ import annotations

import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress

import pytest
from attrs import evolve

from leanfeed.errors import SourceError
from leanfeed.stopping import Stop, stoppable
from leanfeed.values import Gap
from leanfeed_polygon import client as module, settings
from leanfeed_polygon.source import PolygonSource
from leanfeed_polygon.wires import StoppedError
from tests import build
from tests.polygon.conftest import Connect
from tests.polygon_server import PolygonServer, Reply, error, first, synthetic

_YEAR = build.sessions("2023-01-03", "2023-12-29")
_GAP = Gap(build.series(), _YEAR)
_MARKET = {("SPY", "minute"): synthetic(_YEAR, density=0.01)}


def stopped(source: PolygonSource, when: Callable[[], bool]) -> SourceError | None:
    """Stop a fetch as soon as `when` says so, see that all ends at once, and say how it ended."""
    stop = Stop()
    ends: list[SourceError] = []

    def run() -> None:
        with stoppable(stop):
            try:
                list(source.fetch([_GAP]))
            except SourceError as ended:
                ends.append(ended)

    thread = threading.Thread(target=run, name="leanfeed-polygon-test")
    thread.start()
    while not when():
        time.sleep(0.005)
    time.sleep(0.05)
    started = time.monotonic()
    stop()
    for working in threads():
        working.join(1 - (time.monotonic() - started))
    assert threads() == []
    return ends[0] if ends else None


def threads() -> list[threading.Thread]:
    return [t for t in threading.enumerate() if t.name.startswith("leanfeed-polygon")]


def starts_taken() -> int:
    for path in settings.cache_folder("").glob("budget-*.sqlite"):
        with closing(sqlite3.connect(path)) as connection, suppress(sqlite3.OperationalError):
            (row,) = connection.execute("SELECT count(*) FROM start")
            return int(row[0])
    return 0  # nobody has asked yet


@pytest.mark.parametrize("slow", [Reply(delay=20), Reply(body=bytes(9000), drip=0.01)])
def test_stop_in_the_middle_of_downloads(connect: Connect, slow: Reply) -> None:
    with PolygonServer(_MARKET, faults=[first(99, slow)]) as server:
        ended = stopped(connect(server), lambda: len(server.seen) == 5)
        assert isinstance(ended, StoppedError)
        assert len(server.seen) == starts_taken() == 5


def test_stop_in_a_wait_for_the_budget_gives_the_starts_back(connect: Connect) -> None:
    with PolygonServer(_MARKET, page_limit=500) as server:
        ended = stopped(connect(server, tier="free"), lambda: len(server.seen) == 5)
        assert isinstance(ended, StoppedError)
        assert len(server.seen) == starts_taken() == 5


@pytest.mark.parametrize("bad", [Reply(status=503), error(429, error="slow down")])
def test_stop_in_a_pause_between_tries(connect: Connect, bad: Reply) -> None:
    bad = evolve(bad, headers={"Retry-After": "30"})
    with PolygonServer(_MARKET, faults=[first(99, bad)]) as server:
        source = connect(server, in_flight=1)
        assert isinstance(stopped(source, lambda: len(server.seen) == 1), StoppedError)
        assert len(server.seen) == starts_taken() == 1


def test_stop_in_a_wait_for_one_of_the_five_places_gives_the_starts_back(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_in_flight", lambda _process: threading.Semaphore(0))
    with PolygonServer(_MARKET) as server:
        ended = stopped(connect(server), lambda: starts_taken() == 5)
        assert isinstance(ended, StoppedError)
        assert len(server.seen) == starts_taken() == 0


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of a host that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


def test_stop_in_a_handshake(silent: str) -> None:
    source = PolygonSource(api_key="k", base_url=f"https://{silent}")
    started = time.monotonic()
    ended = stopped(source, lambda: time.monotonic() - started > 0.2)
    assert isinstance(ended, StoppedError)


def test_deadline_holds_for_a_handshake_too(silent: str) -> None:
    source = PolygonSource(api_key="k", base_url=f"https://{silent}", deadline=0.2, retries=0)
    started = time.monotonic()
    with pytest.raises(SourceError, match=r"no whole answer came within 0\.2 s"):
        list(source.fetch([Gap(build.series(), _YEAR[:1])]))
    assert time.monotonic() - started < 1


@pytest.mark.parametrize("deadline", [0.2, 60])
def test_name_that_is_looked_up_for_ever_holds_nobody(
    monkeypatch: pytest.MonkeyPatch, deadline: float
) -> None:
    released = threading.Event()

    def look_up(*_: object, **__: object) -> None:
        released.wait(5)
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    source = PolygonSource(
        api_key="k", base_url="https://polygon.invalid", deadline=deadline, retries=0
    )
    stop = Stop()
    timer = threading.Timer(0.2, stop)
    timer.start()
    started = time.monotonic()
    with stoppable(stop), pytest.raises(SourceError, match=r"stopped|no whole answer"):
        list(source.fetch([Gap(build.series(), _YEAR[:1])]))
    assert time.monotonic() - started < 1
    timer.join()
    released.set()
    for working in threads():
        working.join(5)
