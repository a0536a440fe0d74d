"""Bodies that are damaged, too large, wrongly encoded, or no JSON of the API."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable

from attrs import evolve

from tests.polygon.faults.kind import HARMLESS, TRANSIENT, UNTRUE, Kind, Scene, text
from tests.polygon.replies import Reply

__all__ = ["BODIES", "bomb"]

_GZIP = {"Content-Encoding": "gzip"}
_PORTAL = "<!DOCTYPE html><html><body>Sign in to use this network</body></html>"


def bomb(megabytes: int) -> bytes:
    """Gzip that inflates to so many megabytes of blanks, made without inflating them."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    block = deflate.compress(b" " * 2**20) + deflate.flush(zlib.Z_FULL_FLUSH)
    return gzip.compress(b"")[:10] + block * megabytes


def _edited(edit: Callable[[bytes], bytes]) -> Callable[[Scene], Reply]:
    """The compressed body with other bytes, and a Content-Length that agrees."""
    return lambda scene: evolve(scene.honest, body=edit(scene.honest.body))


def _inflated(edit: Callable[[bytes], bytes], **headers: str) -> Callable[[Scene], Reply]:
    """Other text, sent without compression."""
    return lambda scene: text(edit(scene.body), 200, **headers)


def _flipped(body: bytes, at: int) -> bytes:
    return body[:at] + bytes([body[at] ^ 0xFF]) + body[at:][1:]


def _two_members(scene: Scene) -> Reply:
    half = len(scene.body) // 2
    body = gzip.compress(scene.body[:half]) + gzip.compress(scene.body[half:])
    return evolve(scene.honest, body=body)


BODIES = (
    Kind("gzip that is cut", _edited(lambda body: body[: len(body) // 2]), TRANSIENT),
    Kind("gzip without its last byte", _edited(lambda body: body[:-1]), TRANSIENT),
    Kind("gzip with a flipped byte", _edited(lambda body: _flipped(body, 60)), TRANSIENT),
    Kind("gzip with a wrong checksum", _edited(lambda body: _flipped(body, -8)), TRANSIENT),
    Kind("gzip with a wrong length", _edited(lambda body: _flipped(body, -1)), TRANSIENT),
    Kind("gzip in gzip", _edited(gzip.compress), TRANSIENT),
    Kind("gzip with something behind its end", _edited(lambda body: body + b"?"), TRANSIENT),
    Kind("gzip in two members", _two_members, TRANSIENT),
    Kind("gzip of nothing", _edited(lambda _: gzip.compress(b"")), TRANSIENT),
    Kind("gzip called plain text", lambda scene: text(scene.honest.body), TRANSIENT),
    Kind("plain text called gzip", _inflated(bytes, Content_Encoding="gzip"), TRANSIENT),
    Kind("plain text", _inflated(bytes), HARMLESS),
    Kind("deflate", _inflated(zlib.compress, Content_Encoding="deflate"), UNTRUE),
    Kind("brotli", text(b"\x0b\x02\x80", Content_Encoding="br"), UNTRUE),
    Kind("gzip twice, and said so", text(b"", Content_Encoding="gzip, gzip"), UNTRUE),
    Kind("a gzip bomb", Reply(body=bomb(20), headers=_GZIP), UNTRUE),
    Kind("a gzip bomb in a failure", Reply(500, bomb(20), _GZIP), UNTRUE),
    Kind("a gzip bomb in a redirect", Reply(302, bomb(20), _GZIP), UNTRUE),
    Kind("a body of 20 MB", text(bytes(20 * 2**20)), UNTRUE),
    Kind("nothing at all", text(""), TRANSIENT),
    Kind("a captive portal's page", text(_PORTAL, Content_Type="text/html"), TRANSIENT),
    Kind("a portal's page called JSON", text(_PORTAL, Content_Type="application/json"), TRANSIENT),
    Kind("CSV", text("c,h,l,n,o,t,v,vw\n1,1,1,1,1,1,1,1\n", Content_Type="text/csv"), TRANSIENT),
    Kind("a byte order mark", _inflated(lambda body: b"\xef\xbb\xbf" + body), TRANSIENT),
    Kind("UTF-16", _inflated(lambda body: body.decode().encode("utf-16")), TRANSIENT),
    Kind(
        "text that is no UTF-8",
        _inflated(lambda body: body.replace(b'"status":', b'"message":"\xff\xfe","status":')),
        TRANSIENT,
    ),
    Kind("JSON that is cut", _inflated(lambda body: body[: len(body) // 2]), TRANSIENT),
    Kind("JSON and something else", _inflated(lambda body: body + b" done"), TRANSIENT),
    Kind("JSON twice", _inflated(lambda body: body + body), TRANSIENT),
    Kind("single quotes", _inflated(lambda body: body.replace(b'"', b"'")), TRANSIENT),
    Kind("an empty list", text([]), UNTRUE),
    Kind("null", text("null"), UNTRUE),
    Kind("an object without anything", text({}), UNTRUE),
    Kind("a text", text('"OK"'), UNTRUE),
    Kind("200,000 nested lists", text("[" * 200_000 + "]" * 200_000), UNTRUE),
    Kind("200,000 nested lists of rows", text('{"results":' + "[" * 200_000), UNTRUE),
)
