"""Statuses that refuse, with every `Retry-After`, and redirects."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from email.utils import format_datetime

from attrs import evolve

from tests.polygon.faults.kind import (
    BARRED,
    KEY_REFUSED,
    RATE_REFUSED,
    REFUSED,
    TRANSIENT,
    UNTRUE,
    End,
    Kind,
    Scene,
    text,
)
from tests.polygon.replies import Reply, error

__all__ = ["REFUSALS"]

#: A run that is refused its rate for ever goes on slowly; the time limit ends it.
_SOON = {"TIME_LIMIT": "10"}
#: The run ends at once, for it would have to wait longer than its time limit.
_TOO_LONG = evolve(RATE_REFUSED, passes=False)
_HTML = "<html><h1>Bad gateway</h1></html>"


def _rate(name: str, retry_after: str | Callable[[], str], end: End = RATE_REFUSED) -> Kind:
    def commit(_: Scene) -> Reply:
        value = retry_after if isinstance(retry_after, str) else retry_after()
        return evolve(error(429, error="slow down"), headers={"Retry-After": value})

    return Kind(f"429, Retry-After {name}", commit, end, settings=_SOON)


def _in_seconds(seconds: int) -> str:
    return format_datetime(dt.datetime.now(dt.UTC) + dt.timedelta(seconds=seconds), usegmt=True)


def _redirect(status: int, where: Callable[[Scene], str]) -> Callable[[Scene], Reply]:
    return lambda scene: Reply(status, b"moved", {"Location": where(scene) + scene.seen.path})


REFUSALS = (
    Kind("400", error(400, error="'to' before 'from'"), REFUSED),
    Kind("401", error(401, error="Unknown API Key"), KEY_REFUSED),
    Kind("403, no such product", error(403, message="You are not entitled to this data."),
         KEY_REFUSED),
    Kind("403, no such dates", error(403, message="Your plan doesn't include this data timeframe."),
         REFUSED),
    Kind("403 without words", Reply(403), KEY_REFUSED),
    Kind("403 in a 200", text({"status": "NOT_AUTHORIZED", "message": "You are not entitled"}),
         KEY_REFUSED),
    Kind("404", error(404, message="Data not found."), REFUSED),
    Kind("404 of a proxy", text(_HTML, 404), REFUSED),
    Kind("407", Reply(407, headers={"Proxy-Authenticate": "Basic"}), BARRED),
    Kind("418", Reply(418, b"short and stout"), REFUSED),
    Kind("429", error(429, error="slow down"), RATE_REFUSED, settings=_SOON),
    Kind("429 without words", Reply(429), RATE_REFUSED, settings=_SOON),
    _rate("0", "0"),
    _rate("1 second", "1"),
    _rate("a date in a second", lambda: _in_seconds(1)),
    _rate("a date in the past", lambda: _in_seconds(-3600)),
    _rate("-5", "-5"),
    _rate("a fraction", "0.5"),
    _rate("a word", "soon"),
    _rate("a date that is none", "Wed, 32 Foo 2024 25:61:61 GMT"),
    _rate("a date far off", "Wed, 17 Nov 9999 09:00:00 GMT", _TOO_LONG),
    _rate("a number of 400 digits", "9" * 400, _TOO_LONG),
    _rate("a day", "86400", _TOO_LONG),
    Kind("500", error(500, error="internal"), TRANSIENT),
    Kind("500 with a list", text([], 500), TRANSIENT),
    Kind("500 with 200,000 nested lists", text("[" * 200_000, 500), TRANSIENT),
    Kind("502 of a proxy", text(_HTML, 502, Content_Type="text/html"), TRANSIENT),
    Kind("503 without words", Reply(503), TRANSIENT),
    Kind("503, Retry-After 1", Reply(503, headers={"Retry-After": "1"}), TRANSIENT,
         settings={"RETRIES": "1"}),
    Kind("504", Reply(504, b"timeout"), TRANSIENT),
    Kind("511, sign in first", text(_HTML, 511), TRANSIENT),
    Kind("status 999", Reply(999, b"?"), TRANSIENT),
    Kind("status 204", Reply(204), REFUSED),
    Kind("status 206", lambda scene: evolve(scene.honest, status=206), REFUSED),
    Kind("status 304", Reply(304), UNTRUE),
    Kind("a redirect to another host", _redirect(302, lambda scene: scene.other_host), UNTRUE),
    Kind("307 to another host", _redirect(307, lambda scene: scene.other_host), UNTRUE),
    Kind("a redirect for good", _redirect(308, lambda scene: scene.other_host), UNTRUE),
    Kind("a redirect to the same host", _redirect(301, lambda scene: f"http://{scene.host}/x"),
         UNTRUE),
    Kind("a redirect to itself", _redirect(302, lambda _: ""), UNTRUE),
    Kind("a redirect to a file", _redirect(303, lambda _: "file://"), UNTRUE),
    Kind("a redirect to nowhere", Reply(302), UNTRUE),
)  # fmt: skip
