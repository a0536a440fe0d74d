"""A small server that speaks Polygon's aggregates over real sockets, and misbehaves when told to.

    with PolygonServer({("SPY", "minute"): synthetic(sessions)}) as server:
        PolygonSource(api_key=server.key, base_url=server.url)

It knows nothing of the code under test, except what bars are.
"""

from __future__ import annotations

import base64
import datetime as dt
import gzip
import json
import re
import ssl
import threading
import time
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from attrs import evolve

from leanfeed.bars import Bars
from tests.polygon.key_plan import KeyPlan, first_instant, last_instant
from tests.polygon.listening import QuietServer
from tests.polygon.market import Market, from_lean, synthetic
from tests.polygon.replies import REQUEST_ID, Fault, Reply, Seen, cut_gzip, error, first
from tests.polygon.wire_format import hours, market_rows, rows

__all__ = [
    "Fault",
    "PolygonServer",
    "Reply",
    "Seen",
    "cut_gzip",
    "error",
    "first",
    "from_lean",
    "synthetic",
]

_GROUPED = re.compile(r"/v2/aggs/grouped/locale/us/market/stocks/(\d{4}-\d\d-\d\d)")
_PATH = re.compile(r"/v2/aggs/ticker/([^/]+)/range/1/(second|minute|hour|day)/([\d-]+)/([\d-]+)")


class PolygonServer:
    """Serves `market` on a loopback port while its ``with`` block lasts."""

    def __init__(
        self,
        market: Market,
        *,
        key: str = "a-key-only-for-tests",
        latency: float = 0.0,
        page_limit: int = 50_000,
        faults: Iterable[Fault] = (),
        history_from: dt.date | None = None,
        clips: bool = False,
        today_refused: dt.date | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.market = dict(market)
        self.key = key
        self.latency = latency
        #: No page holds more base aggregates, whatever is asked for.
        self.page_limit = page_limit
        #: Each is given what the one before it made of the reply.
        self.faults = list(faults)
        self.plan = KeyPlan(history_from, clips, today_refused)
        self.seen: list[Seen] = []
        #: The most requests that had arrived and were not answered yet.
        self.most_in_flight = 0
        #: The `Date` that a HEAD request is told; empty: now.
        self.head_date = ""
        self._in_flight = 0
        self._lock = threading.Lock()
        self._server = QuietServer(("127.0.0.1", 0), _handler(self), tls)
        self._scheme = "https" if tls else "http"

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, path: str, params: dict[str, str], headers: dict[str, str]) -> Reply:
        """Count the request, take the time, and misbehave if a fault says so."""
        with self._lock:
            seen = Seen(len(self.seen), path, params, headers)
            self.seen.append(seen)
            self._in_flight += 1
            self.most_in_flight = max(self.most_in_flight, self._in_flight)
        try:
            reply = self._honest(seen)
            for fault in self.faults:
                reply = fault(seen, reply)
            time.sleep(self.latency + reply.delay)
            return reply
        finally:
            with self._lock:
                self._in_flight -= 1

    def _honest(self, seen: Seen) -> Reply:
        if "authorization" not in seen.headers:
            return error(401, error="API Key was not provided")
        if seen.headers["authorization"] != f"Bearer {self.key}":
            return error(401, error="Unknown API Key")
        match, grouped = _PATH.fullmatch(seen.path), _GROUPED.fullmatch(seen.path)
        if match:
            start, end = first_instant(match[3]), last_instant(match[4])
        elif grouped:
            start, end = first_instant(grouped[1]), last_instant(grouped[1])
        else:
            return error(404, message="Data not found.")
        if refused := self.plan.refusal(start, end):
            return refused
        if match:
            bounds = (self.plan.clipped(start), match[4])
            body = self._page(unquote(match[1]), match[2], bounds, seen.params)
        else:
            body = self._market_day(start, end, seen.params)
        if "gzip" not in seen.headers.get("accept-encoding", ""):
            return Reply(body=body, headers={"Content-Type": "application/json"})
        return Reply(
            body=gzip.compress(body, 1),
            headers={"Content-Type": "application/json", "Content-Encoding": "gzip"},
        )

    def _page(
        self, ticker: str, timespan: str, bounds: tuple[int, str], params: dict[str, str]
    ) -> bytes:
        if "cursor" in params:
            cursor = base64.urlsafe_b64decode(params["cursor"] + "==").decode()
            params = dict(parse_qsl(cursor))
        limit = min(int(params.get("limit", 5_000)), self.page_limit)
        bars = self.market.get((ticker, "minute" if timespan == "hour" else timespan))
        asked = (bars or Bars.empty()).between(bounds[0], last_instant(bounds[1]) + 1)
        page, rest = asked.rows(slice(limit)), asked.rows(slice(limit, None))
        queried = len(page)
        if timespan == "hour":
            page, rest = hours(page, rest)
        is_adjusted = params.get("adjusted", "true").lower() == "true"
        fields: dict[str, Any] = {
            "ticker": ticker,
            "queryCount": queried,
            "resultsCount": len(page),
            "adjusted": is_adjusted,
        }
        ends: dict[str, Any] = {"status": "OK", "request_id": REQUEST_ID, "count": len(page)}
        if len(rest):
            query = f"adjusted={str(is_adjusted).lower()}&limit={limit}&sort=asc"
            cursor = base64.urlsafe_b64encode(query.encode()).decode().rstrip("=")
            ends["next_url"] = (
                f"https://api.polygon.io/v2/aggs/ticker/{ticker}/range/1/{timespan}/"
                f"{int(rest.time[0])}/{bounds[1]}?cursor={cursor}"
            )
        head, tail = json.dumps(fields)[:-1], json.dumps(ends)[1:]
        results = f', "results":[{rows(page)}]' if len(page) else ""
        return f"{head}{results}, {tail}".encode()

    def _market_day(self, start: int, end: int, params: dict[str, str]) -> bytes:
        days = {
            ticker: bars.between(start, end + 1)
            for (ticker, timespan), bars in self.market.items()
            if timespan == "day"
        }
        results = [row for ticker, bars in days.items() if (row := market_rows(ticker, bars))]
        is_adjusted = params.get("adjusted", "true").lower() == "true"
        head = f'"queryCount":{len(results)},"resultsCount":{len(results)},'
        head += f'"adjusted":{str(is_adjusted).lower()}'
        listed = f',"results":[{",".join(results)}]' if results else ""
        tail = f'"status":"OK","request_id":"{REQUEST_ID}","count":{len(results)}'
        return f"{{{head}{listed},{tail}}}".encode()


def _handler(polygon: PolygonServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            self._try_to_send(self._reply())

        def do_HEAD(self) -> None:
            reply = self._reply()
            dated = {"Date": polygon.head_date} if polygon.head_date else {}
            self._try_to_send(evolve(reply, body=b"", headers={**reply.headers, **dated}))

        def _reply(self) -> Reply:
            url = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            return polygon.answer(url.path, dict(parse_qsl(url.query)), headers)

        def _try_to_send(self, reply: Reply) -> None:
            try:
                self._send(reply)
            except OSError:  # the client is gone
                self.close_connection = True

        def _send(self, reply: Reply) -> None:
            if reply.take_over is not None:
                self.close_connection = True
                reply.take_over(self.connection)
                return
            if reply.drop_after is not None:
                self.close_connection = True
                if reply.drop_after < 0:
                    return
            self.send_response_only(reply.status)
            usual = {"Date": self.date_time_string(), "X-Request-Id": REQUEST_ID}
            for name, value in {**usual, **reply.headers}.items():
                if value:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            body = reply.body if reply.drop_after is None else reply.body[: reply.drop_after]
            if not reply.drip:
                self.wfile.write(body)
                return
            for byte in body:
                time.sleep(reply.drip)
                self.wfile.write(bytes([byte]))

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    return Handler
