"""The provider that the benchmarks play."""

from __future__ import annotations

import gzip
import http.client
import json
import threading
from collections.abc import Iterator
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

import pytest

from benchmarks.jobs import JOBS, SPANS, WARM_UP
from benchmarks.market import walk
from benchmarks.pages import Pages
from benchmarks.server import Server

DAYS = "/v2/aggs/ticker/S000/range/1/minute/2024-06-03/2024-06-07"
ALL = walk("S000", "minute", SPANS["minute"].start, SPANS["minute"].end)


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


def asked(connection: http.client.HTTPConnection, target: str) -> dict[str, Any]:
    connection.request("GET", target, headers={"Accept-Encoding": "gzip"})
    body = connection.getresponse().read()
    answer: dict[str, Any] = json.loads(gzip.decompress(body))
    return answer


def test_pages_lead_through_all_bars_over_one_connection(server: Server) -> None:
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc)
    where: str | None = f"{DAYS}?adjusted=false&sort=asc&limit=1000"
    stamps: list[int] = []
    while where:
        page = asked(connection, where)
        assert page["resultsCount"] == len(page["results"]) <= 1_000
        assert page["adjusted"] is False
        stamps += [bar["t"] for bar in page["results"]]
        where = page.get("next_url")
        if where:
            assert where.startswith(server.url)
            where = where.removeprefix(server.url)
    connection.close()
    expected = [t for t in ALL.time.tolist() if 1717387200000 <= t < 1717819200000]
    assert stamps == expected
    assert server.requests == 4
    assert server.pages.made == 4


def test_a_page_is_made_once_and_always_the_same(server: Server) -> None:
    first = server.pages.answer(f"{DAYS}?limit=5")
    assert server.pages.answer(f"{DAYS}?limit=5") is first
    assert server.pages.made == 1
    assert Pages(SPANS, server.url).answer(f"{DAYS}?limit=5") == first


def test_who_names_no_limit_gets_5000_and_nobody_more_than_50000() -> None:
    pages = Pages(SPANS, "http://127.0.0.1")
    target = "/v2/aggs/ticker/S000/range/1/minute/2024-01-02/2024-12-31"
    for query, expected in (("", 5_000), ("?limit=1000000", 50_000)):
        body = gzip.decompress(pages.answer(target + query).partition(b"\r\n\r\n")[2])
        assert json.loads(body)["resultsCount"] == expected


def test_an_answer_takes_as_long_as_the_latency(server: Server) -> None:
    server.pages.answer(f"{DAYS}?limit=1")
    server.begin(0.1)
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc)
    started = perf_counter()
    asked(connection, f"{DAYS}?limit=1")
    connection.close()
    assert perf_counter() - started >= 0.1
    assert server.counts()["requests"] == 1
    assert server.counts()["made"] == 0


def test_what_nobody_asked_for_is_not_found() -> None:
    assert Pages(SPANS, "http://127.0.0.1").answer("/v3/trades").startswith(b"HTTP/1.1 404")


def test_bars_are_sound_and_jobs_lie_within_the_market() -> None:
    assert (ALL.low <= ALL.open).all()
    assert (ALL.high >= ALL.close).all()
    assert (ALL.time[1:] > ALL.time[:-1]).all()
    assert 170_000 < len(ALL) < 182_000
    for work in (*JOBS.values(), *WARM_UP.values()):
        span = SPANS[work.timespan]
        assert span.start <= work.start <= work.end <= span.end
