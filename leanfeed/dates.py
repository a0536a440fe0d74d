"""Dates as people type them."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from leanfeed.errors import InvalidRequestError

__all__ = ["Date", "parse_date"]

Date = dt.date | str


def parse_date(value: Date) -> dt.date:
    """A date, ``2024-01-02``, ``20240102``, or words that leave nothing open (``2 Jan 2024``).

    A datetime counts when it is a midnight, or has a time zone: then as the date in New York.

    Raises:
        InvalidRequestError: it is no date, or one that people read in two ways (``01/02/2024``).
    """
    try:
        if isinstance(value, dt.datetime):
            return _date_of(value)
        if isinstance(value, dt.date):
            return value
        text = value.strip()
        if any(character.isalpha() for character in text):
            return _date_in_words(text)
        return dt.date.fromisoformat(text)
    except (AttributeError, OverflowError, TypeError, ValueError) as error:
        shown, reason = str(value)[:40], str(error)
        why = f" ({reason})" if reason.startswith(("day is", "month must")) else ""
        raise InvalidRequestError(
            f"{shown!r} is not a date{why}: use the form 2024-01-02 or 20240102."
        ) from None


def _date_of(value: dt.datetime) -> dt.date:
    if value.tzinfo is not None:
        return value.astimezone(ZoneInfo("America/New_York")).date()
    if value.time() != dt.time():
        raise ValueError
    return value.date()


def _date_in_words(text: str) -> dt.date:
    from dateutil import parser

    # What the text leaves open is filled in from the default: two defaults show what that is.
    first, second = (
        parser.parse(text, default=default)
        for default in (dt.datetime(2000, 1, 1), dt.datetime(2001, 2, 2))
    )
    if first != second or first.time() != dt.time() or first.tzinfo is not None:
        raise ValueError
    return first.date()
