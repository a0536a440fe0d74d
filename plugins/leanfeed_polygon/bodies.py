"""The body of an HTTP answer: whole, inflated and bounded in size."""

from __future__ import annotations

import zlib

from urllib3 import BaseHTTPResponse

from leanfeed.errors import ContractError, UnavailableError

__all__ = ["read_body"]

#: A full page of 50,000 aggregates is 6 MB.
_LARGEST = 64 * 2**20
_CHUNK = 2**16


def read_body(response: BaseHTTPResponse) -> bytearray:
    """Read and inflate the body of a response that urllib3 has not read or decoded.

    urllib3's own decoding takes a gzip stream that is cut short for whole, and has no bound.

    Raises:
        UnavailableError: the body is damaged or cut short.
        ContractError: it is too large, or in an encoding that was not asked for.
        urllib3.exceptions.HTTPError: the connection broke.
    """
    encoding = response.headers.get("Content-Encoding", "identity").lower()
    if encoding not in ("gzip", "identity"):
        raise ContractError("Polygon's answer is encoded in a way nobody asked for. Run again.")
    inflate = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16) if encoding == "gzip" else None
    body = bytearray()
    try:
        for chunk in response.stream(_CHUNK, decode_content=False):
            room = _LARGEST + 1 - len(body)
            body += inflate.decompress(chunk, room) if inflate else chunk
            if len(body) > _LARGEST:
                raise ContractError(
                    f"Polygon's answer is larger than {_LARGEST >> 20} MB, no page is. "
                    "Check what proxy stands between."
                )
    except zlib.error:
        raise UnavailableError("Polygon's answer is damaged. Run again.") from None
    if inflate and not inflate.eof:
        raise UnavailableError("Polygon's answer was cut short. Run again.")
    return body
