"""Which sessions without trades look like a hole in the provider's data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from itertools import groupby

from leanfeed.values import Resolution

__all__ = ["suspicious"]

#: How many sessions on either side, with how many bars each, show that a symbol is liquid. One
#: daily bar says little by itself.
_WITNESSES = {
    Resolution.SECOND: (1, 2_000),
    Resolution.MINUTE: (1, 200),
    Resolution.HOUR: (1, 5),
    Resolution.DAILY: (5, 1),
}
#: Trading that stopped for longer was halted, in days.
_LONGEST_HOLE = dt.timedelta(days=10)


def suspicious(resolution: Resolution, rows: Mapping[dt.date, int]) -> frozenset[dt.date]:
    """Dates without bars between dates with so many that one wonders.

    Args:
        resolution: how long the bars are.
        rows: the number of bars of every session of one series of which it is known, 0 included.
    """
    count, many = _WITNESSES[resolution]
    dates = sorted(rows)
    found: set[dt.date] = set()
    end = 0
    for has_bars, group in groupby(dates, key=lambda date: bool(rows[date])):
        run = list(group)
        start, end = end, end + len(run)
        before, after = dates[max(start - count, 0) : start], dates[end : end + count]
        if (
            not has_bars
            and len(before) == len(after) == count
            and all(rows[date] >= many for date in (*before, *after))
            and after[0] - before[-1] <= _LONGEST_HOLE
        ):
            found.update(run)
    return frozenset(found)
