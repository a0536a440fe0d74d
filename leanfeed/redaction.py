"""Keeps secrets out of texts that others wrote, such as messages of plugins and providers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import NoReturn
from urllib.parse import quote

from attrs import fields, has

from leanfeed.secret import Secret

__all__ = ["Redactor", "secrets_in"]

_MASK = "***"
#: A secret shorter than this is masked only where it stands alone: it may be part of a word.
_SHORT = 4
#: Keys in URLs and JSON, and credentials in headers, whoever they belong to.
_CREDENTIALS = r"""(?ix)
    (?P<before>
      api[-_]?key (?: = | %3D | \\*["'] \s* : \s* ) \\*["']?
    | authorization \\*["']? \s* [:=] \s* (?: b (?=["']) )? \\*["']?
      (?: (?:bearer|basic|token) \s+ )?
    | \b bearer \s+ (?= [\w.~+/=-]{8} )
    )
    [^&\s"'<>#,;)\\]+
"""


class Redactor:
    """Masks secrets in any text, as they are and as URLs, JSON and Python spell them.

    Masks as well what stands in the place of a credential: ``apiKey=…`` and
    ``Authorization: Bearer …``.
    """

    __slots__ = ("_secrets",)

    def __init__(self, secrets: Iterable[Secret] = ()) -> None:
        spellings = {form for secret in secrets if secret for form in _spellings(secret.reveal())}
        ordered = sorted(spellings, key=len, reverse=True)
        self._secrets = re.compile("|".join(map(_pattern, ordered)) or r"(?!)")

    def __call__(self, text: str) -> str:
        """The text with every secret masked."""
        return re.sub(_CREDENTIALS, rf"\g<before>{_MASK}", self._secrets.sub(_MASK, text))

    def __repr__(self) -> str:
        return "Redactor()"

    def __reduce__(self) -> NoReturn:
        raise TypeError("A redactor knows secrets, so it is not pickled: make another one.")


def secrets_in(*owners: object) -> tuple[Secret, ...]:
    """The secrets among the fields of sources and other attrs objects."""
    found = []
    for owner in owners:
        kind = type(owner)
        if has(kind):
            found += [getattr(owner, attribute.name, None) for attribute in fields(kind)]
    return tuple(value for value in found if isinstance(value, Secret))


def _spellings(text: str) -> set[str]:
    return {text, quote(text, safe=""), json.dumps(text)[1:-1], ascii(text)[1:-1]}


def _pattern(spelling: str) -> str:
    escaped = re.escape(spelling)
    return escaped if len(spelling) >= _SHORT else rf"(?<!\w){escaped}(?!\w)"
