"""A server that sends the key back, or words that would forge a log or colour a terminal."""

from __future__ import annotations

from collections.abc import Callable

from attrs import evolve

from tests.polygon.faults.connections import raw
from tests.polygon.faults.kind import (
    HARMLESS,
    KEY_REFUSED,
    TRANSIENT,
    UNTRUE,
    End,
    Kind,
    Scene,
    text,
)
from tests.polygon.replies import Reply, error

__all__ = ["ECHOES"]


def _page(name: str, end: End, field: str) -> Kind:
    return Kind(name, lambda scene: text(scene.page | {field: scene.key}), end)


def _refusal(status: int, words: Callable[[str], str]) -> Callable[[Scene], Reply]:
    return lambda scene: error(status, error=words(scene.key))


def _status_line(scene: Scene) -> Reply:
    line = f"HTTP/1.1 Bearer {scene.key}\r\n\r\n".encode()
    return raw(lambda connection, _: connection.sendall(line))(scene)


def _header(scene: Scene) -> Reply:
    return evolve(error(500), body=b"", headers={"X-Request-Id": scene.key})


ECHOES = (
    Kind("the key in a refusal", _refusal(401, "Unknown key {}".format), KEY_REFUSED),
    Kind("the key in a failure, in colour and on two lines",
         _refusal(500, "\x1b[31m{}\r\n2024-01-02 INFO all is well\x1b[0m\u202e".format), TRANSIENT),
    Kind("the key after 190 other letters", _refusal(500, lambda key: "x" * 190 + key), TRANSIENT),
    Kind("words of 1 MB", _refusal(500, lambda key: key * 2**15), TRANSIENT),
    Kind("the key as the id of a failure", _header, TRANSIENT),
    Kind("the key in the status line", _status_line, TRANSIENT),
    Kind("the key where a redirect leads",
         lambda s: Reply(302, headers={"Location": f"{s.other_host}/?apiKey={s.key}"}), UNTRUE),
    _page("the key as the id of a good answer", HARMLESS, "request_id"),
    _page("the key as the message of a good answer", HARMLESS, "message"),
    _page("the key as the ticker", UNTRUE, "ticker"),
    _page("the key as the status", UNTRUE, "status"),
    _page("the key as the rows", UNTRUE, "results"),
    _page("the key as the count", UNTRUE, "resultsCount"),
    _page("the key as next_url", UNTRUE, "next_url"),
    Kind("half a character in the id of a good answer",
         lambda s: text(s.page | {"request_id": "\ud800"}), TRANSIENT),
)  # fmt: skip
