"""How fast the server could be: its prepared pages, read by somebody who does nothing with them."""

from __future__ import annotations

import http.client
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

from benchmarks.jobs import JOBS
from benchmarks.provider import Provider

__all__ = ["ceiling"]

_JOB = JOBS["minute-year"]
#: Pages of 50,000 bars, so that the answer's size is that of a full page.
_TARGET = (
    f"/v2/aggs/ticker/{_JOB.tickers[0]}/range/1/minute/{_JOB.start}/{_JOB.end}"
    "?adjusted=false&sort=asc&limit=50000"
)
_BARS = 50_000


def ceiling(provider: Provider, *, seconds: float) -> dict[str, Any]:
    """Full pages in a second over one connection and over five, and what a page costs the server.

    Args:
        provider: the server.
        seconds: how long each is measured.
    """
    _read(provider, seconds=0.0)  # the page is made by this
    found: dict[str, Any] = {}
    for connections in (1, 5):
        provider.begin()
        started = perf_counter()
        with ThreadPoolExecutor(connections) as pool:
            reads = [pool.submit(_read, provider, seconds=seconds) for _ in range(connections)]
            pages = sum(read.result() for read in reads)
        passed = perf_counter() - started
        counts = provider.counts()
        found[str(connections)] = {
            "pages_per_second": round(pages / passed, 1),
            "bars_per_second": round(pages * _BARS / passed),
            "server_cpu_ms_per_page": round(counts.cpu / pages * 1000, 3),
        }
    return found


def _read(provider: Provider, *, seconds: float) -> int:
    connection = http.client.HTTPConnection(urlsplit(provider.url).netloc)
    until, pages = perf_counter() + seconds, 0
    try:
        while True:
            connection.request("GET", _TARGET, headers={"Accept-Encoding": "gzip"})
            connection.getresponse().read()
            pages += 1
            if perf_counter() >= until:
                return pages
    finally:
        connection.close()
