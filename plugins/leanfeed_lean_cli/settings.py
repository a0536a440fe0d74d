"""What a user may set, checked before any program is started."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from leanfeed.errors import ConfigurationError
from leanfeed.secret import Secret

__all__ = ["folder", "identifier", "key", "license_type"]

_LICENSES = ("Individual", "Business")
#: Never begins like an option.
_IDENTIFIER = re.compile(r"(?:[A-Za-z0-9][A-Za-z0-9._/:@-]{0,250})?")


def key(value: object) -> Secret:
    """A key without the blanks that copying brings along.

    Raises:
        ConfigurationError: no key has such characters. The message does not show it.
    """
    text = (value.reveal() if isinstance(value, Secret) else str(value)).strip()
    if not re.fullmatch(r"[!-~]{0,200}", text):
        raise ConfigurationError(
            "The Polygon API key holds blanks or characters that no key has: copy it again."
        )
    return Secret(text)


def identifier(value: object) -> str:
    """The name of an organization or of a Docker image; may be empty.

    Raises:
        ConfigurationError: it holds a character that neither has.
    """
    text = str(value).strip()
    if not _IDENTIFIER.fullmatch(text):
        raise ConfigurationError(
            f"{text[:40]!r} is no name of an organization or an image: use letters and digits."
        )
    return text


def license_type(value: object) -> str:
    """QuantConnect's word for the kind of Polygon licence.

    Raises:
        ConfigurationError: it has no such word.
    """
    text = str(value).strip().capitalize()
    if text not in _LICENSES:
        raise ConfigurationError(
            f"license_type is {str(value)[:40]!r}: use {' or '.join(_LICENSES)}."
        )
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
