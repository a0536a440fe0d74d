"""What flat files there are, and under which key the bucket keeps each."""

from __future__ import annotations

import datetime as dt
import re
from enum import StrEnum
from typing import Self

from attrs import frozen

from leanfeed.errors import InvalidRequestError
from leanfeed.values import Resolution, SecurityType

__all__ = ["DataType"]


@frozen
class _Place:
    security_type: SecurityType
    resolution: Resolution
    prefix: str
    first_day: dt.date | None


class DataType(StrEnum):
    """One kind of flat file: there is one a day, for all symbols of its kind."""

    STOCKS_DAILY = "stocks_daily"
    STOCKS_MINUTE = "stocks_minute"
    OPTIONS_DAILY = "options_daily"
    OPTIONS_MINUTE = "options_minute"
    INDICES_DAILY = "indices_daily"
    INDICES_MINUTE = "indices_minute"

    @classmethod
    def parse(cls, text: str) -> Self:
        """The data type of that name.

        Raises:
            InvalidRequestError: there is none.
        """
        try:
            return cls(text.strip().lower())
        except (AttributeError, ValueError):
            raise InvalidRequestError(
                f"{str(text)[:40]!r} is no kind of flat file: use one of {', '.join(cls)}."
            ) from None

    @classmethod
    def of(cls, security_type: SecurityType, resolution: Resolution) -> DataType | None:
        """What holds the bars of such a series; hours are made from minutes."""
        if resolution is Resolution.HOUR:
            resolution = Resolution.MINUTE
        return _HOLDING.get((security_type, resolution))

    @property
    def security_type(self) -> SecurityType:
        """What its rows are bars of."""
        return _PLACES[self].security_type

    @property
    def resolution(self) -> Resolution:
        """How long a bar is: a day or a minute."""
        return _PLACES[self].resolution

    @property
    def first_day(self) -> dt.date | None:
        """The oldest file, as the provider says; None where it does not say."""
        return _PLACES[self].first_day

    @property
    def prefix(self) -> str:
        """What all its keys begin with, without a slash at the end."""
        kind = "day" if self.resolution is Resolution.DAILY else "minute"
        return f"{_PLACES[self].prefix}/{kind}_aggs_v1"

    def month(self, date: dt.date) -> str:
        """What the keys of a month begin with."""
        return f"{self.prefix}/{date:%Y/%m}/"

    def key(self, date: dt.date) -> str:
        """Where the file of a date lies."""
        return f"{self.month(date)}{date.isoformat()}.csv.gz"

    def date_of(self, key: str) -> dt.date | None:
        """The inverse of :meth:`key`; None for the key of anything else."""
        match = _DAY.search(key)
        try:
            date = dt.date.fromisoformat(match[1]) if match else None
        except ValueError:
            return None
        return date if date and key == self.key(date) else None


_DAY = re.compile(r"/(\d{4}-\d{2}-\d{2})\.csv\.gz\Z")
_STOCKS = (SecurityType.EQUITY, "us_stocks_sip", dt.date(2003, 9, 10))
_OPTIONS = (SecurityType.OPTION, "us_options_opra", dt.date(2014, 6, 2))
_INDICES = (SecurityType.INDEX, "us_indices", None)
_PLACES = {
    DataType(f"{name}_{resolution}"): _Place(security_type, resolution, prefix, first)
    for name, (security_type, prefix, first) in (
        ("stocks", _STOCKS),
        ("options", _OPTIONS),
        ("indices", _INDICES),
    )
    for resolution in (Resolution.DAILY, Resolution.MINUTE)
}
_HOLDING = {(place.security_type, place.resolution): kind for kind, place in _PLACES.items()}
