"""How large flat files are, before anybody has asked."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable

from leanfeed_flatfiles.data_types import DataType

__all__ = ["expected_bytes"]

#: Megabytes of one file from a year on; of stocks' minutes as published, of the others about.
_MEGABYTES = {
    DataType.STOCKS_DAILY: {2003: 0.2, 2020: 0.3},
    DataType.STOCKS_MINUTE: {2003: 9.0, 2010: 11.0, 2016: 14.0, 2020: 20.0, 2023: 24.0, 2026: 30.0},
    DataType.OPTIONS_DAILY: {2014: 2.0, 2020: 4.0, 2023: 6.0},
    DataType.OPTIONS_MINUTE: {2014: 10.0, 2020: 30.0, 2023: 50.0},
    DataType.INDICES_DAILY: {2020: 0.3},
    DataType.INDICES_MINUTE: {2020: 20.0},
}


def expected_bytes(data_type: DataType, dates: Iterable[dt.date]) -> int:
    """About how much the files of some dates are, as they come over the wire."""
    years = list(_MEGABYTES[data_type])
    megabytes = list(_MEGABYTES[data_type].values())
    of_each = (megabytes[max(bisect_right(years, date.year) - 1, 0)] for date in dates)
    return round(sum(of_each) * 1e6)
