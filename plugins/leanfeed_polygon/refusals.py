"""What Polygon says when it does not give bars, turned into leanfeed's errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from leanfeed.errors import (
    AuthenticationError,
    ContractError,
    RateLimitedError,
    SourceError,
    UnavailableError,
)

__all__ = ["NotEntitledError", "Quote", "quoting", "refusal"]

_LONGEST_QUOTE = 200

#: Makes a provider's text fit for a message.
Quote = Callable[[object], str]


class NotEntitledError(AuthenticationError):
    """The key is good, but its plan does not include these data; other dates may be included."""


def quoting(secret: str) -> Quote:
    """Make a function that quotes a provider: one short line, no control characters, no secret.

    A server may echo the key, forge lines of a log or colour a terminal: its text is data.
    """

    def quote(text: object) -> str:
        shown = str(text)
        if secret:
            shown = shown.replace(secret, "***")
        shown = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in shown)
        return shown if len(shown) <= _LONGEST_QUOTE else shown[: _LONGEST_QUOTE - 1] + "…"

    return quote


def refusal(status: int, body: bytes | bytearray, *, request_id: str, quote: Quote) -> SourceError:
    """The error for an HTTP status other than 200.

    :class:`UnavailableError` and :class:`RateLimitedError` are worth another try. The provider's
    own words stand in `error` (400, 401, 429) or in `message` (403, 404).
    """
    answer = _json_object(body)
    words = quote(answer.get("error") or answer.get("message") or f"HTTP {status}")
    request_id = quote(answer.get("request_id") or request_id)
    said = f"{words} (HTTP {status}, request id {request_id or 'none'})"
    if status == 401:
        return AuthenticationError(f"Polygon refused the key: {said}. Set POLYGON_API_KEY.")
    if status == 403:
        return NotEntitledError(
            f"Polygon's plan does not include this: {said}. Ask for what the plan of your key "
            "includes, or add another source."
        )
    if status == 429:
        return RateLimitedError(
            f"Polygon's request limit is spent: {said}. Wait a minute and run again, or lower "
            "in_flight."
        )
    if status >= 500:
        return UnavailableError(f"Polygon failed: {said}. Run again later.")
    if 300 <= status < 400:
        return ContractError(
            f"Polygon's address redirects elsewhere: {said}. The key is not sent there; correct "
            "base_url."
        )
    return SourceError(f"Polygon refused the question: {said}. Check the symbol and the dates.")


def _json_object(body: bytes | bytearray) -> dict[str, Any]:
    """The body's object; empty when it is none, such as a proxy's HTML page."""
    try:
        answer = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}
