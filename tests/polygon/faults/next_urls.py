"""Where `next_url` may lead, and what pages do to each other."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from tests.polygon.faults.kind import HARMLESS, UNTRUE, Kind, Scene, text
from tests.polygon.replies import Reply

__all__ = ["NEXT_URLS"]

_MINUTE, _DAY = 60_000, 86_400_000


def _next(edit: Callable[[str, Scene], Any]) -> Callable[[Scene], Reply | None]:
    """A page that is not the last, with another `next_url`; `edit` gets path and query."""

    def commit(scene: Scene) -> Reply | None:
        page = scene.page
        if "next_url" not in page:
            return None
        url = urlsplit(page["next_url"])
        return text(page | {"next_url": edit(f"{url.path}?{url.query}", scene)})

    return commit


def _at(host: str) -> Callable[[Scene], Reply | None]:
    return _next(lambda where, _: host + where)


def _start(move: Callable[[int, Scene], object]) -> Callable[[Scene], Reply | None]:
    """A `next_url` that starts elsewhere in time."""

    def edit(where: str, scene: Scene) -> str:
        return re.sub(r"/(\d+)(?=/[\d-]+\?)", lambda m: f"/{move(int(m[1]), scene)}", where)

    return _next(edit)


def _part(old: str, new: str) -> Callable[[Scene], Reply | None]:
    return _next(lambda where, _: where.replace(old, new))


def _first_of(scene: Scene) -> int:
    return int(scene.seen.path.split("/")[-2])


def _endless(step: int) -> Callable[[Scene], Reply | None]:
    """Page after page without bars, each a little further on."""

    def commit(scene: Scene) -> Reply | None:
        before, first, last = scene.seen.path.rsplit("/", 2)
        if not before.endswith("/minute"):
            return None
        url = f"{before}/{int(first) + step}/{last}"
        page: dict[str, Any] = {"status": "OK", "ticker": scene.page["ticker"], "resultsCount": 0}
        return text(page | {"next_url": url})

    return commit


def _one_page_more(scene: Scene) -> Reply | None:
    """A last page that leads to one more, which has no bars."""
    page = scene.page
    is_minutes = "/minute/" in scene.seen.path and page.get("results")
    if not is_minutes or "next_url" in page or "more=1" in str(scene.seen.params):
        return None
    before, _, last = scene.seen.path.rsplit("/", 2)
    start = page["results"][-1]["t"] + _MINUTE
    return text(page | {"next_url": f"{before}/{start}/{last}?adjusted=false&limit=50000&more=1"})


def _empty_first_page(scene: Scene) -> Reply | None:
    """All bars come with the second page."""
    page = scene.page
    if "/minute/" not in scene.seen.path or "cursor" in scene.seen.params:
        return None
    before, first, last = scene.seen.path.rsplit("/", 2)
    start = page["results"][0]["t"]
    if start == int(first):
        return None
    del page["results"]
    where = f"{before}/{start}/{last}?adjusted=false&limit=50000&sort=asc&cursor="
    return text(page | {"resultsCount": 0, "next_url": where})


NEXT_URLS = (
    Kind("next_url: this page again", _start(lambda _, scene: _first_of(scene)), UNTRUE),
    Kind("next_url: the page before", _start(lambda _, s: _first_of(s) - _MINUTE), UNTRUE),
    Kind("next_url: years later", _start(lambda start, _: start + 1000 * _DAY), UNTRUE),
    Kind("next_url: a date", _start(lambda *_: "2024-02-01"), UNTRUE),
    Kind("next_url: for ever a minute on", _endless(_MINUTE), UNTRUE),
    Kind("next_url: for ever a millisecond on", _endless(1), UNTRUE),
    Kind("next_url: another host", _next(lambda where, scene: scene.other_host + where), UNTRUE),
    Kind("next_url: another host, the same scheme",
         _next(lambda where, scene: scene.other_host.removeprefix("http:") + where), UNTRUE),
    Kind("next_url: another host behind a user's name",
         _next(lambda where, s: f"http://{s.host}@{s.other_host[7:]}{where}"), UNTRUE),
    Kind("next_url: another host behind a backslash",
         _next(lambda where, s: f"{s.other_host}\\@{s.host}{where}"), UNTRUE),
    Kind("next_url: another name of this host",
         _next(lambda where, s: f"http://localhost:{s.host.partition(':')[2]}{where}"), UNTRUE),
    Kind("next_url: another port", _next(lambda where, _: f"http://127.0.0.1:9{where}"), UNTRUE),
    Kind("next_url: a host that only begins right", _at("https://api.polygon.io.evil.example"),
         UNTRUE),
    Kind("next_url: a user's name at the right host", _at("https://x:y@api.polygon.io"), UNTRUE),
    Kind("next_url: the right host without TLS", _at("http://api.polygon.io"), UNTRUE),
    Kind("next_url: the right host, another port", _at("https://api.polygon.io:8443"), UNTRUE),
    Kind("next_url: a file", _at("file://"), UNTRUE),
    Kind("next_url: no address at all", _next(lambda *_: "http://[::1"), UNTRUE),
    Kind("next_url: another line behind it",
         _next(lambda where, _: f"{where}\r\nX-Evil: 1"), UNTRUE),
    Kind("next_url: a number", _next(lambda *_: 2), UNTRUE),
    Kind("next_url: another ticker", _part("/SPY/", "/QQQ/"), UNTRUE),
    Kind("next_url: another timespan", _part("/minute/", "/second/"), UNTRUE),
    Kind("next_url: five minutes a bar", _part("/1/minute/", "/5/minute/"), UNTRUE),
    Kind("next_url: another endpoint", _part("/v2/aggs/", "/v3/trades/"), UNTRUE),
    Kind("next_url: a way round", _part("/SPY/", "/x/../SPY/"), UNTRUE),
    Kind("next_url: without a host", _at(""), HARMLESS),
    Kind("next_url: the host that was asked", _next(lambda w, s: f"http://{s.host}{w}"), HARMLESS),
    Kind("next_url: the new name of the API", _at("https://api.massive.com:443"), HARMLESS),
    Kind("next_url: with the key in its query",
         _next(lambda where, scene: f"{where}&apiKey={scene.key}"), HARMLESS),
    Kind("next_url: with the key under another name",
         _next(lambda where, scene: f"{where}&token={scene.key}"), UNTRUE),
    Kind("next_url: with a fragment", _next(lambda where, _: f"{where}#x"), HARMLESS),
    Kind("next_url: one page more, without bars", _one_page_more, HARMLESS),
    Kind("next_url: a first page without bars", _empty_first_page, HARMLESS),
)  # fmt: skip
