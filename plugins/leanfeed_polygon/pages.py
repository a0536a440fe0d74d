"""One question and the pages that answer it."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from leanfeed.bars import Bars
from leanfeed.errors import ContractError
from leanfeed_polygon.answers import Answer, Question, read_page
from leanfeed_polygon.symbols import path_part
from leanfeed_polygon.windows import PAGE_LIMIT, Timespan

if TYPE_CHECKING:
    from leanfeed_polygon.client import Client

__all__ = ["ask", "is_official", "next_target", "target"]

#: A window fits one page of 50,000; a server that needs more pages than this is going in circles.
_MOST_PAGES = 100
#: Polygon's own hosts stand in `next_url` whichever of them was asked.
_OFFICIAL_HOSTS = ("api.polygon.io", "api.massive.com")
_PATH = re.compile(r"/v2/aggs/ticker/([^/]+)/range/1/([a-z]+)/(\d{1,16})/(?:\d{1,16}|[\d-]{10})")


def target(question: Question) -> str:
    """Path and query of the first page.

    Both bounds are inclusive, so a window of instants ends one millisecond earlier. Days are asked
    for by date, which Polygon takes as New York's.
    """
    window, timespan = question.window, question.timespan
    if timespan is Timespan.DAY:
        bounds = f"{window.sessions[0].date}/{window.sessions[-1].date}"
    else:
        bounds = f"{window.start}/{window.end - 1}"
    return (
        f"/v2/aggs/ticker/{path_part(question.ticker)}/range/1/{timespan}/{bounds}"
        f"?adjusted=false&sort=asc&limit={PAGE_LIMIT}"
    )


def ask(client: Client, question: Question) -> Answer:
    """Ask, and follow the pages to the last one.

    Only the absence of `next_url` ends an answer: a page may be short, or even empty, before the
    last.

    Raises:
        SourceError: see :meth:`Client.get` and :func:`read_page`; or the pages do not lead on.
    """
    read = partial(read_page, question=question, quote=client.quote)
    parts: list[Bars] = []
    where, reached = target(question), question.window.start
    for _ in range(_MOST_PAGES):
        page = client.get(where, read)
        if len(page.bars):
            if parts and page.bars.time[0] <= parts[-1].time[-1]:
                raise _lost(question, "a page repeats bars of the page before it")
            parts.append(page.bars)
        if not page.next_url:
            _check_end(page.bars, question)
            bars = {question.ticker: Bars.concat(parts)}
            return Answer(frozenset(question.sessions), bars, page.request_id)
        where, reached = next_target(
            page.next_url, question, base_url=client.base_url, after=reached
        )
        if client.api_key in unquote(where):
            raise _lost(question, "next_url carries the key")
    raise _lost(question, f"it goes on after {_MOST_PAGES} pages")


def _check_end(last_page: Bars, question: Question) -> None:
    """A full page ends an answer only at the end of the window: that has no more slots than it."""
    window, step = question.window, question.timespan.milliseconds
    if len(last_page) == PAGE_LIMIT and last_page.time[-1] < window.end - step:
        raise _lost(question, "a full page before the end of the window has no next_url")


def next_target(next_url: str, question: Question, *, base_url: str, after: int) -> tuple[str, int]:
    """Path and query of the next page, and the instant from which it starts.

    Only these are kept, for the configured host: the key goes nowhere else, whatever host
    `next_url` names. A key in the query is dropped, it belongs in the header.

    Raises:
        ContractError: it leads to another host, another question, or not past the instant `after`.
    """
    if not re.fullmatch(r"[!-~]+", next_url):
        raise _lost(question, "next_url holds blanks or control characters")
    try:
        url = urlsplit(next_url)
        is_relative = not url.scheme and not url.netloc
        is_known = is_relative or _is_known(url.scheme, url.netloc, base_url)
    except ValueError:
        is_known = False
    if not is_known:
        raise _lost(question, "next_url leads to another host")
    match = _PATH.fullmatch(url.path)
    if not match or (unquote(match[1]), match[2]) != (question.ticker, question.timespan):
        raise _lost(question, "next_url asks another question")
    start = int(match[3])
    if not after < start <= question.window.end:
        raise _lost(question, "next_url does not move forward inside the window")
    query = "&".join(
        pair for pair in url.query.split("&") if unquote(pair).lower().partition("=")[0] != "apikey"
    )
    return (f"{url.path}?{query}" if query else url.path), start


def _is_known(scheme: str, netloc: str, base_url: str) -> bool:
    address = f"{scheme}://{netloc}"
    return is_official(address) or address.lower() == base_url.lower()


def is_official(base_url: str) -> bool:
    """One of Polygon's own addresses."""
    address = base_url.lower().removesuffix(":443")
    return address in [f"https://{host}" for host in _OFFICIAL_HOSTS]


def _lost(question: Question, reason: str) -> ContractError:
    return ContractError(
        f"Polygon's pages for {question.ticker} lead nowhere: {reason}. Nothing of them is used; "
        "run again, and tell Polygon if it stays."
    )
