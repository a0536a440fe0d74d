"""Why no answer came: what lies below HTTP, told in words from the exceptions of urllib3."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterator

from leanfeed.errors import UnavailableError
from leanfeed_polygon.refusals import Quote, UnreachableError

__all__ = ["unreachable"]

#: How `http.client` tells that a proxy refused to connect.
_TUNNEL = re.compile(r"Tunnel connection failed: (\d+)")
#: OpenSSL's codes, from x509_vfy.h: what is wrong with a certificate, and what to do.
_CERTIFICATES = {
    9: ("is not valid yet", "Check this machine's clock."),
    10: ("has expired", "Check this machine's clock, and what stands between."),
    62: ("is for another name", "Check base_url, and what stands between."),
    64: ("is for another address", "Check base_url, and what stands between."),
} | dict.fromkeys(
    (18, 19, 20, 21),
    (
        "is signed by nobody whom this machine trusts",
        "If a proxy of your own stands between, name its certificate in ca_file or SSL_CERT_FILE.",
    ),
)


def unreachable(
    error: Exception, *, where: str, quote: Quote, is_answering: bool
) -> UnavailableError:
    """What an exception of urllib3 or of a socket means.

    Args:
        error: the exception.
        where: the address that was asked, and through which proxy.
        quote: makes foreign text fit for a message.
        is_answering: status and headers had come.
    """
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            unknown = (f"is not believed: {quote(cause.verify_message)}", "Check the network.")
            what, advice = _CERTIFICATES.get(cause.verify_code, unknown)
            return UnreachableError(f"The certificate at {where} {what}. {advice}")
        is_cut_short = isinstance(cause, ssl.SSLEOFError | ssl.SSLZeroReturnError)
        if isinstance(cause, ssl.SSLError) and not (is_cut_short or is_answering):
            reason = quote(cause.reason or "no reason").lower().replace("_", " ")
            return UnreachableError(
                f"Whoever answers at {where} speaks no TLS from 1.2 on: {reason}. Check base_url, "
                "and what proxy stands between."
            )
        if refused := _TUNNEL.search(str(cause)):
            return _barred(int(refused[1]), where)
    return UnavailableError(
        f"Polygon cannot be reached at {where}: {_reason(causes, quote)}. Check the network and "
        "run again."
    )


def _barred(status: int, where: str) -> UnavailableError:
    if status == 407:
        return UnreachableError(
            f"The proxy wants another user or password: {where}, HTTP 407. Give them in "
            "HTTPS_PROXY, as in http://user:password@proxy.example:3128."
        )
    kind = UnavailableError if status >= 500 else UnreachableError
    return kind(f"The proxy does not connect: {where}, HTTP {status}. Ask whoever runs it.")


def _reason(causes: list[BaseException], quote: Quote) -> str:
    innermost = causes[-1]
    if isinstance(innermost, socket.gaierror):
        return f"its name has no address ({quote(innermost.strerror)})"
    if isinstance(innermost, TimeoutError):
        return "nothing came in time"
    if isinstance(innermost, OSError) and innermost.strerror:
        return quote(innermost.strerror)
    return quote(innermost) or type(innermost).__name__


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An exception and what it was made from; urllib3 keeps that in `args` or in `__cause__`."""
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        inside = [arg for arg in cause.args if isinstance(arg, BaseException)]
        cause = inside[0] if inside else cause.__cause__
