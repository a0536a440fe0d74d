"""What a user may set for flat files, checked before any request is sent."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from leanfeed.addresses import address, is_loopback
from leanfeed.errors import ConfigurationError

__all__ = ["NAME", "bucket", "endpoint", "folder", "key", "user_cache"]

#: What `sources = [...]` calls the source.
NAME = "flatfiles"


def key(text: object) -> str:
    """Half of a pair of S3 keys, without the blanks that copying brings along.

    Raises:
        ConfigurationError: no HTTP header could carry it. The message does not show it.
    """
    text = str(text).strip()
    if not re.fullmatch(r"[!-~]{0,200}", text):
        raise ConfigurationError(
            "A key for flat files holds blanks or characters that no key has: copy it again."
        )
    return text


def endpoint(value: object) -> str:
    """The scheme, host and port of the S3 server, without a slash at the end.

    Raises:
        ConfigurationError: what is signed would travel unencrypted, or it holds more than that.
    """
    url, scheme, host = address("endpoint", str(value), example="https://files.massive.com")
    if scheme != "https" and not (scheme == "http" and is_loopback(host)):
        raise ConfigurationError(
            f"endpoint would fetch from {host} unencrypted: use https. Plain http is only for "
            "this machine, such as http://127.0.0.1:9000."
        )
    return url


def bucket(value: object) -> str:
    """The name of a bucket.

    Raises:
        ConfigurationError: no bucket has such a name.
    """
    text = str(value).strip()
    if not re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", text):
        raise ConfigurationError(f"bucket is {text[:40]!r}: use a name such as flatfiles.")
    return text


def folder(value: Any) -> Path | None:
    """A folder with ``~`` for the user's home; None when nothing is given.

    Raises:
        ConfigurationError: it is no path.
    """
    if value is None or value == "":
        return None
    try:
        return Path(value).expanduser().absolute()
    except (TypeError, RuntimeError, OSError):
        raise ConfigurationError(f"{str(value)[:40]!r} is not a folder: name one.") from None


def user_cache() -> Path:
    """Leanfeed's folder among the user's caches."""
    base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    try:
        return (Path(base) if base else Path.home() / ".cache") / "leanfeed"
    except RuntimeError:  # nobody's home
        import tempfile  # late: hardly ever

        return Path(tempfile.gettempdir()) / "leanfeed"
