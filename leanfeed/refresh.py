"""Which sessions that are on disk are to be fetched again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from attrs import frozen

from leanfeed.dates import Date, parse_date
from leanfeed.errors import InvalidRequestError

__all__ = ["Refresh", "parse_refresh"]

#: Providers correct bars for some days after a session.
_RECENT = dt.timedelta(days=7)


@frozen
class Refresh:
    """Ranges of trading days, both ends inclusive; none: nothing is fetched again.

    It is true when there are ranges: what has changed is found out after the plan is made.
    """

    ranges: tuple[tuple[dt.date, dt.date], ...] = ()
    #: Also what its source would give otherwise today.
    changed: bool = False

    def __bool__(self) -> bool:
        return bool(self.ranges)

    def __str__(self) -> str:
        """As one would type it."""
        words = ["changed"] if self.changed else []
        return ",".join((*words, *(f"{first}..{last}" for first, last in self.ranges)))

    def covers(self, date: dt.date) -> bool:
        """Whether the session of that date is to be fetched again."""
        return any(first <= date <= last for first, last in self.ranges)


def parse_refresh(value: Date | Iterable[Date] | None, *, today: dt.date) -> Refresh:
    """Understand ``recent`` (the last seven days), ``all``, ``changed``, dates, and ``A..B``.

    Several stand in an iterable, or in one text with commas.

    Raises:
        InvalidRequestError: it is none of these.
    """
    if value is None:
        return Refresh()
    try:
        parts: list[Date] = [value] if isinstance(value, (str, dt.date)) else list(value)
    except TypeError:
        raise _strange(value) from None
    words: list[Date] = []
    for part in parts:
        words += part.split(",") if isinstance(part, str) else [part]
    dates = [word for word in words if not _is_changed(word)]
    ranges = tuple(_range(word, today) for word in dates)
    return Refresh(ranges, changed=len(dates) < len(words))


def _is_changed(word: Date) -> bool:
    return isinstance(word, str) and word.strip().lower() == "changed"


def _range(value: Date, today: dt.date) -> tuple[dt.date, dt.date]:
    if not isinstance(value, str):
        date = parse_date(value)
        return date, date
    match value.strip().lower().split(".."):
        case ["all"]:
            return dt.date.min, dt.date.max
        case ["recent"]:
            return today - _RECENT, dt.date.max
        case [first]:
            return parse_date(first), parse_date(first)
        case [begin, end]:
            start, stop = parse_date(begin), parse_date(end)
            if stop < start:
                raise InvalidRequestError(
                    f"To refresh {start}..{stop} is nothing, because {stop} is the earlier date: "
                    "exchange them."
                )
            return start, stop
    raise _strange(value)


def _strange(value: object) -> InvalidRequestError:
    return InvalidRequestError(
        f"{str(value)[:40]!r} is nothing to refresh: use recent, all, changed, a date, or "
        "2024-01-02..2024-01-05."
    )
