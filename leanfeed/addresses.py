"""Addresses of servers as settings name them."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from leanfeed.errors import ConfigurationError

__all__ = ["address", "is_loopback"]


def address(name: str, text: str, *, example: str) -> tuple[str, str, str]:
    """Scheme, host and port in one, without a slash at the end; and the scheme and the host.

    Raises:
        ConfigurationError: it is no address, or holds more than that, such as a password.
    """
    text = text.strip()
    try:
        url = urlsplit(text)
        host, port = url.hostname or "", url.port
    except ValueError:
        host, port = "", None
    # urlsplit drops line ends inside: look at the text too.
    if not re.fullmatch(r"[!-~]+", text) or not re.fullmatch(r"[A-Za-z0-9.:-]+", host):
        raise ConfigurationError(f"{name} is not an address: use one such as {example}.")
    if "@" in url.netloc or url.path.strip("/") or url.query or url.fragment:
        raise ConfigurationError(
            f"{name} is only a scheme, a host and a port: use {url.scheme}://{host}."
        )
    bracketed = f"[{host}]" if ":" in host else host
    return f"{url.scheme}://{bracketed}" + (f":{port}" if port else ""), url.scheme, host


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
