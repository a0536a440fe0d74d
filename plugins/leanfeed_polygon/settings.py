"""What a user may set, checked before any request is sent."""

from __future__ import annotations

import os
import re
from pathlib import Path

from leanfeed.addresses import address, is_loopback
from leanfeed.errors import ConfigurationError

__all__ = [
    "MAX_IN_FLIGHT",
    "base_url",
    "cache_folder",
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
    url, scheme, host = address("base_url", text, example="https://api.polygon.io")
    if scheme != "https" and not (scheme == "http" and is_loopback(host)):
        raise ConfigurationError(
            f"base_url would send the key to {host} unencrypted: use https. Plain http is only "
            "for this machine, such as http://127.0.0.1:8080."
        )
    return url


def proxy(text: str) -> str:
    """A proxy's scheme, host and port; empty when none is named.

    Raises:
        ConfigurationError: it is of another kind than http, or holds a user and a password: those
            are no text to keep in a file of settings.
    """
    if not text.strip():
        return ""
    url, scheme, _ = address("proxy", text, example="http://proxy.example:3128")
    if scheme not in ("http", "https"):
        raise ConfigurationError("proxy is of a kind that leanfeed cannot use: take one for http.")
    return url


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
