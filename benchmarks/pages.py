"""Answers as Polygon gives them, gzipped once and kept: who asks again waits for no work."""

from __future__ import annotations

import base64
import datetime as dt
import gzip
import re
from collections.abc import Mapping
from threading import Lock
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

import msgspec
from attrs import define, field, frozen

from benchmarks.market import rows, walk

__all__ = ["Pages", "Span"]

_PATH = re.compile(r"/v2/aggs/ticker/([A-Z0-9.]+)/range/1/(second|minute)/([\d-]+)/([\d-]+)")
_NEW_YORK = ZoneInfo("America/New_York")
_MOST, _USUAL = 50_000, 5_000
_REQUEST_ID = "0123456789abcdef0123456789abcdef"
_HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\n"
    b"Content-Length: %d\r\n\r\n"
)
_NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


@frozen
class Span:
    """The days of which the market has bars of one kind, both inclusive."""

    start: str
    end: str


@define(eq=False)
class Pages:
    """The provider's market, asked by path and query."""

    #: By timespan. A ticker that nobody has heard of has bars, too.
    spans: Mapping[str, Span]
    #: Where `next_url` leads.
    url: str
    #: Answers that had to be made while somebody waited.
    made: int = 0
    _ready: dict[str, bytes] = field(factory=dict, init=False)
    _lock: Lock = field(factory=Lock, init=False)

    def answer(self, target: str) -> bytes:
        """The whole HTTP answer, headers and all."""
        found = self._ready.get(target)
        if found is not None:
            return found
        with self._lock:
            self.made += 1
            body = self._body(target)
            if body is None:
                return _NOT_FOUND
            packed = gzip.compress(body, 6, mtime=0)
            self._ready[target] = _HEAD % len(packed) + packed
        return self._ready[target]

    def _body(self, target: str) -> bytes | None:
        url = urlsplit(target)
        match = _PATH.fullmatch(url.path)
        if not match:
            return None
        params = dict(parse_qsl(url.query))
        if "cursor" in params:
            params = dict(parse_qsl(base64.urlsafe_b64decode(params["cursor"] + "==").decode()))
        ticker, timespan, start, end = match.groups()
        span = self.spans[timespan]
        limit = min(int(params.get("limit", _USUAL)), _MOST)
        bars = walk(ticker, timespan, span.start, span.end)
        asked = bars.between(_instant(start), _instant(end, is_end=True))
        page, rest = asked.rows(slice(limit)), asked.rows(slice(limit, None))
        is_adjusted = params.get("adjusted", "true").lower() == "true"
        head = {
            "ticker": ticker,
            "queryCount": len(page),
            "resultsCount": len(page),
            "adjusted": is_adjusted,
        }
        tail = {"status": "OK", "request_id": _REQUEST_ID, "count": len(page)}
        if len(rest):
            query = f"adjusted={str(is_adjusted).lower()}&limit={limit}&sort=asc"
            cursor = base64.urlsafe_b64encode(query.encode()).decode().rstrip("=")
            tail["next_url"] = (
                f"{self.url}/v2/aggs/ticker/{ticker}/range/1/{timespan}/"
                f"{int(rest.time[0])}/{end}?cursor={cursor}"
            )
        first, last = msgspec.json.encode(head)[:-1], msgspec.json.encode(tail)[1:]
        results = b',"results":[' + rows(page).encode() + b"]" if len(page) else b""
        return first + results + b"," + last


def _instant(text: str, *, is_end: bool = False) -> int:
    """UTC epoch milliseconds of a bound; both are inclusive, and a day counts whole."""
    if "-" not in text:
        return int(text) + is_end
    day = dt.date.fromisoformat(text) + dt.timedelta(days=is_end)
    return int(dt.datetime.combine(day, dt.time(), _NEW_YORK).timestamp() * 1000)
