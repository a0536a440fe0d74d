"""What a user may set, checked before any request is sent."""

from __future__ import annotations

import ipaddress
import os
import re
from pathlib import Path
from urllib.parse import urlsplit

from leanfeed.errors import ConfigurationError

__all__ = [
    "MAX_IN_FLIGHT",
    "base_url",
    "cache_folder",
    "is_loopback",
    "key",
    "proxy",
]

#: A page takes about a second, so five at once keep the decoder busy, far below the 100 requests a
#: second at which Polygon throttles.
MAX_IN_FLIGHT = 5


def key(text: object) -> str:
    """A key without the blanks that copying brings along.

    Raises:
        ConfigurationError: no HTTP header could carry it. The message does not show it.
    """
    text = str(text).strip()
    if not re.fullmatch(r"[!-~]{0,200}", text):
        raise ConfigurationError(
            "The Polygon API key holds blanks or characters that no key has: copy it again."
        )
    return text


def base_url(text: str) -> str:
    """The provider's scheme, host and port, without a slash at the end.

    Raises:
        ConfigurationError: the key would travel unencrypted, or the address holds more than that.
    """
    address, scheme, host = _address("base_url", text, example="https://api.polygon.io")
    if scheme != "https" and not (scheme == "http" and is_loopback(host)):
        raise ConfigurationError(
            f"base_url would send the key to {host} unencrypted: use https. Plain http is only "
            "for this machine, such as http://127.0.0.1:8080."
        )
    return address


def proxy(text: str) -> str:
    """A proxy's scheme, host and port; empty when none is named.

    Raises:
        ConfigurationError: it is of another kind than http, or holds a user and a password: those
            are no text to keep in a file of settings.
    """
    if not text.strip():
        return ""
    address, scheme, _ = _address("proxy", text, example="http://proxy.example:3128")
    if scheme not in ("http", "https"):
        raise ConfigurationError("proxy is of a kind that leanfeed cannot use: take one for http.")
    return address


def _address(name: str, text: str, *, example: str) -> tuple[str, str, str]:
    """Scheme, host and port in one; and the scheme and the host."""
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


def cache_folder(text: str) -> Path:
    """The folder named, or leanfeed's own among the user's caches."""
    if text:
        return Path(text)
    base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    try:
        return (Path(base) if base else Path.home() / ".cache") / "leanfeed"
    except RuntimeError:  # nobody's home
        import tempfile  # late: hardly ever

        return Path(tempfile.gettempdir()) / "leanfeed"


def is_loopback(host: str) -> bool:
    """Whether a name or an address means this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
