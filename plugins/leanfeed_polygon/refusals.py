"""What Polygon says when it does not give bars, turned into leanfeed's errors."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any

import msgspec

from leanfeed.errors import (
    AuthenticationError,
    ContractError,
    RateLimitedError,
    SourceError,
    UnavailableError,
)

__all__ = [
    "DatesRefusedError",
    "Limit",
    "NotEntitledError",
    "PlanLimitError",
    "QuestionRefusedError",
    "Quote",
    "UnreachableError",
    "not_included",
    "quoting",
    "refusal",
    "summary",
]

_LONGEST_QUOTE = 200

#: Makes a provider's text fit for a message.
Quote = Callable[[object], str]


class Limit(StrEnum):
    """A limit that a plan sets to the dates one may ask for."""

    #: Nothing older than a date: two years on the free plan, five or ten on others.
    HISTORY = "history"
    #: Nothing of today before the end of the day.
    TODAY = "today"


#: What tells a refusal of dates from one of the product, "You are not entitled to this data".
_WORDS = {
    Limit.TODAY: re.compile(r"\btoday\b|before end of day", re.IGNORECASE),
    Limit.HISTORY: re.compile(r"time ?frame|\bhistor", re.IGNORECASE),
}


class QuestionRefusedError(SourceError):
    """The provider does not want this question; it may answer others."""

    summary = "it refused the question"


class UnreachableError(UnavailableError):
    """The way to the provider is closed: another try, or another question, ends the same."""


class NotEntitledError(AuthenticationError):
    """The key is good, but its plan does not include the product, whatever the dates."""


class PlanLimitError(SourceError):
    """The plan of the key does not include some of the dates; others were delivered."""

    summary = "the plan of the key does not include it"


class DatesRefusedError(PlanLimitError):
    """One question was refused for its dates."""

    def __init__(self, limit: Limit, said: str) -> None:
        super().__init__(
            f"Polygon's plan does not include these dates: {said}. Ask for dates that the plan of "
            "your key includes, or add another source."
        )
        self.limit = limit
        #: The provider's own words.
        self.said = said


def quoting(secret: str) -> Quote:
    """Make a function that quotes a provider: one short line, no control characters, no secret.

    A server may echo the key, forge lines of a log or colour a terminal: its text is data. The key
    is found in any letter case, percent-encoded, and with blanks or invisible characters in it.
    """
    letters = (f"(?:{re.escape(letter)}|%{ord(letter):02x})" for letter in secret)
    echo = re.compile("[^!-~]*".join(letters), re.IGNORECASE)

    def quote(text: object) -> str:
        shown = echo.sub("***", str(text)) if secret else str(text)
        start = shown[: _LONGEST_QUOTE + 1]  # only that much can be shown
        shown = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in start)
        return shown if len(shown) <= _LONGEST_QUOTE else shown[: _LONGEST_QUOTE - 1] + "…"

    return quote


def refusal(status: int, body: bytes, *, request_id: str, quote: Quote) -> SourceError:
    """The error for an HTTP status other than 200.

    :class:`UnavailableError` and :class:`RateLimitedError` are worth another try. The provider's
    own words stand in `error` (400, 401, 429) or in `message` (403, 404).
    """
    answer = _json_object(body)
    words = quote(answer.get("error") or answer.get("message") or f"HTTP {status}")
    request_id = quote(answer.get("request_id") or request_id)
    said = f"{words} (HTTP {status}{f', request id {request_id}' if request_id else ''})"
    if status == 401:
        return AuthenticationError(f"Polygon refused the key: {said}. Set POLYGON_API_KEY.")
    if status == 403:
        return not_included(said)
    if status == 407:
        return UnreachableError(
            f"A proxy wants a user and a password: {said}. Give them in HTTPS_PROXY, as in "
            "http://user:password@proxy.example:3128."
        )
    if status == 429:
        return RateLimitedError(
            f"Polygon's request limit is spent: {said}. Wait a minute and run again, or lower "
            "in_flight."
        )
    if status >= 500 or status in (408, 425):
        return UnavailableError(f"Polygon failed: {said}. Run again later.")
    if 300 <= status < 400:
        return ContractError(
            f"Polygon's address redirects elsewhere: {said}. The key is not sent there; correct "
            "base_url."
        )
    return QuestionRefusedError(
        f"Polygon refused the question: {said}. Check the symbol and the dates."
    )


def not_included(said: str) -> NotEntitledError | DatesRefusedError:
    """The error for ``NOT_AUTHORIZED``: about dates when the provider's words speak of them."""
    for limit, words in _WORDS.items():
        if words.search(said):
            return DatesRefusedError(limit, said)
    return NotEntitledError(
        f"Polygon's plan does not include this: {said}. Ask for what the plan of your key "
        "includes, or add another source."
    )


def summary(failures: Sequence[SourceError], *, ended_by: SourceError | None = None) -> SourceError:
    """One error for all: of the class of what ended the asking, or else of the first one's.

    It says both, and how many more there were.
    """
    first, *others = failures
    told = [str(first)]
    if ended_by is not None:
        told = [str(ended_by)]
        if str(first) != str(ended_by):
            told.append(f"Before that: {first}")
    limits = [str(error) for error in others if isinstance(error, PlanLimitError)]
    more = len(others) - len(limits)
    if more:
        told.append(f"{more} more question{'s' if more > 1 else ''} got no usable answer.")
    return type(ended_by or first)(" ".join((*told, *limits)))


def _json_object(body: bytes) -> dict[str, Any]:
    """The body's object; empty when it is none, such as a proxy's HTML page."""
    try:
        answer = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}
