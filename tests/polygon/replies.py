"""What a test server saw, what it sends, and how it can be made to misbehave."""

from __future__ import annotations

import json
from collections.abc import Callable
from socket import socket

from attrs import evolve, field, frozen

__all__ = ["REQUEST_ID", "Fault", "Reply", "Seen", "cut_gzip", "error", "first"]

REQUEST_ID = "6a7e466379af0a71039d60cc78e72282"


@frozen
class Seen:
    """One request as it arrived."""

    #: Counts from 0, in the order of arrival.
    number: int
    #: Without the query.
    path: str
    params: dict[str, str]
    #: Names in lower case.
    headers: dict[str, str]


@frozen
class Reply:
    """One answer as it goes over the wire."""

    status: int = 200
    #: As sent: compressed, if the headers say so.
    body: bytes = b""
    #: An empty one is left out, such as a `Date` that would be sent otherwise.
    headers: dict[str, str] = field(factory=dict)
    #: Seconds before the first byte.
    delay: float = 0.0
    #: Seconds between the single bytes of the body.
    drip: float = 0.0
    #: Close the connection after so many bytes of the body, whatever Content-Length says; a
    #: negative number: before the status line.
    drop_after: int | None = None
    #: Given the connection, does all that is done; then the connection is closed.
    take_over: Callable[[socket], None] | None = None


#: Given a request and the honest reply, the reply to send.
Fault = Callable[[Seen, Reply], Reply]


def first(count: int, bad: Reply | Fault) -> Fault:
    """Misbehave for the first `count` requests."""

    def fault(seen: Seen, honest: Reply) -> Reply:
        if seen.number >= count:
            return honest
        return bad if isinstance(bad, Reply) else bad(seen, honest)

    return fault


def cut_gzip(_seen: Seen, honest: Reply) -> Reply:
    """Half of the compressed body, with a Content-Length that agrees."""
    return evolve(honest, body=honest.body[: len(honest.body) // 2])


def error(status: int, **words: str) -> Reply:
    """A refusal; the words stand in `error` (400, 401, 429) or in `message` (403, 404)."""
    state = {403: "NOT_AUTHORIZED", 404: "NOT_FOUND"}.get(status, "ERROR")
    body = json.dumps({"status": state, "request_id": REQUEST_ID, **words}).encode()
    return Reply(status, body, {"Content-Type": "application/json"})
