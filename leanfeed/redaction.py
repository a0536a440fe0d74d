"""Keeps secrets out of texts that others wrote: messages of plugins and providers, and logs."""

from __future__ import annotations

import json
import logging
import re
import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import NoReturn
from urllib.parse import quote

from attrs import fields, has

from leanfeed.secret import Secret

__all__ = ["Redactor", "redacting_logs", "secrets_in"]

_MASK = "***"
#: A secret shorter than this is masked only where it stands alone: it may be part of a word.
_SHORT = 4
#: Keys in URLs and JSON, and credentials in headers, whoever they belong to.
_CREDENTIALS = re.compile(
    r"""
      (?P<before>
        api[-_]?key (?: = | %3D | \\*["'] \s* : \s* ) \\*["']?
      | authorization \\*["']? \s* [:=] \s* (?: b (?=["']) )? \\*["']?
        (?: (?:bearer|basic|token) \s+ )?
      | \b bearer \s+ (?= [\w.~+/=-]{8} )
      )
      [^&\s"'<>#,;)\\]+
    """,
    re.IGNORECASE | re.VERBOSE,
)


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
        return _CREDENTIALS.sub(rf"\g<before>{_MASK}", self._secrets.sub(_MASK, text))

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


@contextmanager
def redacting_logs(redactor: Redactor) -> Iterator[None]:
    """Redact what is logged with the logger ``leanfeed`` inside the ``with`` block.

    Whoever handles the records, and at whatever level; of records of loggers below it, what its own
    handlers show.
    """
    logger = logging.getLogger("leanfeed")
    redaction = _Redaction(redactor)
    places = (logger, *logger.handlers)
    for place in places:
        place.addFilter(redaction)
    try:
        yield
    finally:
        for place in places:
            place.removeFilter(redaction)


class _Redaction(logging.Filter):
    """Lets every record pass, without secrets."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__()
        self._redactor = redactor

    def filter(self, record: logging.LogRecord) -> bool:
        message = _message(record)
        redacted = self._redactor(message)
        if redacted != message:
            record.msg, record.args = redacted, ()
        if record.exc_info and record.exc_info[1] is not None:
            trace = "".join(traceback.format_exception(record.exc_info[1])).rstrip("\n")
            if self._redactor(trace) != trace:
                # Without the error itself: what else shows it would not know what to hide.
                record.exc_info, record.exc_text = None, trace
        for name, value in vars(record).items():
            if isinstance(value, str) and name != "msg":
                setattr(record, name, self._redactor(value))
        return True


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):  # the handler will tell
        return f"{record.msg} {record.args!r}"


def _spellings(text: str) -> set[str]:
    return {text, quote(text, safe=""), json.dumps(text)[1:-1], ascii(text)[1:-1]}


def _pattern(spelling: str) -> str:
    escaped = re.escape(spelling)
    return escaped if len(spelling) >= _SHORT else rf"(?<!\w){escaped}(?!\w)"
