"""What every answer of aggregates says about itself, before its rows are looked at."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from leanfeed.errors import ContractError, UnavailableError
from leanfeed_polygon.refusals import Quote, not_included
from leanfeed_polygon.windows import PAGE_LIMIT

__all__ = ["Envelope", "broken", "check", "opened"]


#: Objects of an answer that are no rows.
_MOST_OTHERS = 16


class Envelope(msgspec.Struct, rename="camel"):
    """The fields around the rows; a subclass says what a row is."""

    status: str
    adjusted: bool = False
    results_count: int | None = None
    results: list[Any] | None = None
    next_url: str | None = msgspec.field(default=None, name="next_url")
    request_id: str | int | None = msgspec.field(default=None, name="request_id")
    error: str = ""
    message: str = ""


E = TypeVar("E", bound=Envelope)


def opened(body: bytes, decoder: msgspec.json.Decoder[E], *, about: str, quote: Quote) -> E:
    """Decode an answer and check what it says about itself.

    ``DELAYED`` is a success: it says that the newest bars lag, and those are never asked for. An
    answer without `results` says that nothing was traded only if it also says that it counts none.

    Raises:
        UnavailableError: this is no answer of the API, or it reports a failure of its own; another
            try may do better.
        NotEntitledError, DatesRefusedError: the plan of the key does not include these data. Some
            endpoints say so with HTTP 200.
        ContractError: its shape or its status is unknown, its prices are adjusted, or rows lack.
    """
    if body.count(b"{") > PAGE_LIMIT + _MOST_OTHERS:  # before each becomes an object
        raise _too_many(about)
    try:
        answer = decoder.decode(body)
    except (msgspec.ValidationError, RecursionError) as error:
        raise broken(about, f"it has another shape: {quote(error)}") from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise UnavailableError(
            "Polygon's answer is not JSON, or was cut short. Run again, and check what proxy "
            "stands between."
        ) from None
    check(answer, len(answer.results or ()), about=about, quote=quote)
    return answer


def check(answer: Envelope, rows: int, *, about: str, quote: Quote) -> None:
    """Check what an answer says about itself, whoever has read its rows.

    Raises:
        SourceError: as :func:`opened`, but for what it says of the shape.
    """
    if answer.status not in ("OK", "DELAYED"):
        words = quote(answer.error or answer.message) or "no reason"
        said = f"{words} (request id {quote(answer.request_id or 'none')})"
        if answer.status == "NOT_AUTHORIZED":
            raise not_included(said)
        if answer.status == "ERROR":
            raise UnavailableError(f"Polygon failed: {said}. Run again later.")
        raise broken(about, f"its status is unknown: {said}")
    if answer.adjusted:
        raise broken(about, "its prices are adjusted for splits, raw ones were asked for")
    if answer.results_count != rows and (answer.results_count is not None or not rows):
        raise broken(about, f"it counts {answer.results_count} bars and holds {rows}")
    if rows > PAGE_LIMIT:
        raise _too_many(about)


def _too_many(about: str) -> ContractError:
    return broken(about, f"it holds more than {PAGE_LIMIT} bars, which no page has")


def broken(about: str, reason: str) -> ContractError:
    """The error for an answer, or for a part of it, that cannot be true."""
    return ContractError(
        f"Polygon's answer for {about} cannot be trusted: {reason}. Nothing of it is "
        "used; run again, and tell Polygon if it stays."
    )
