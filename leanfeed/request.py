"""Turns what people type into a :class:`~leanfeed.values.Request`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from leanfeed.errors import InvalidRequestError
from leanfeed.values import Hours, Incomplete, Request, Resolution, Symbol

__all__ = ["Date", "Symbols", "make_request", "parse_date"]

Symbols = str | Symbol | Iterable[str | Symbol]
Date = dt.date | str


def make_request(
    symbols: Symbols,
    *,
    resolution: str | Iterable[str],
    start: Date,
    end: Date | None = None,
    warmup: int = 0,
    hours: Hours = Hours.EXTENDED,
    incomplete: str = Incomplete.SKIP.value,
) -> Request:
    """Understand the arguments of :func:`leanfeed.ensure`.

    Raises:
        InvalidRequestError: one of them cannot be understood.
    """
    return Request(
        symbols=_symbols(symbols),
        resolutions=_resolutions(resolution),
        start=parse_date(start),
        end=None if end is None else parse_date(end),
        warmup=_warmup(warmup),
        hours=hours,
        incomplete=_incomplete(incomplete),
    )


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
            f"{shown!r} is not a date{why}: use the form 2024-01-02."
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


def _symbols(symbols: Symbols) -> tuple[Symbol, ...]:
    if isinstance(symbols, Symbol):
        return (symbols,)
    if isinstance(symbols, str):
        symbols = [part for part in symbols.split(",") if part.strip()]
    try:
        given = list(symbols)
    except TypeError:
        raise InvalidRequestError(f"{symbols!r} is no list of symbols: use text.") from None
    return tuple(_symbol(symbol) for symbol in given)


def _symbol(symbol: str | Symbol) -> Symbol:
    if isinstance(symbol, Symbol):
        return symbol
    if not isinstance(symbol, str):
        raise InvalidRequestError(f"{symbol!r} is not a ticker: use text such as 'SPY'.")
    return Symbol(symbol.strip(" "))


def _resolutions(resolution: str | Iterable[str]) -> tuple[Resolution, ...]:
    names = resolution.split(",") if isinstance(resolution, str) else resolution
    if not isinstance(names, Iterable):
        names = [names]
    return tuple(_resolution(name) for name in names)


def _resolution(name: str) -> Resolution:
    try:
        return Resolution(name.strip().lower())
    except (AttributeError, ValueError):
        raise InvalidRequestError(
            f"{str(name)[:40]!r} is not a resolution: use second, minute, hour or daily."
        ) from None


def _warmup(warmup: int) -> int:
    if not isinstance(warmup, int) or isinstance(warmup, bool):
        raise InvalidRequestError(f"The warm-up is {warmup!r}: use a number of sessions.")
    return warmup


def _incomplete(incomplete: str) -> Incomplete:
    try:
        return Incomplete(incomplete)
    except ValueError:
        raise InvalidRequestError(
            f"`incomplete` is {str(incomplete)[:40]!r}: use 'skip' or 'fetch'."
        ) from None
