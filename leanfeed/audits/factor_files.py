"""LEAN's factor files: by how much splits and dividends move a price from one day to the next."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Mapping
from pathlib import Path

from leanfeed.values import SecurityType, Symbol

__all__ = ["price_moves"]


def price_moves(data_folder: Path, symbol: Symbol) -> Mapping[dt.date, float]:
    """For each last day before a split or a dividend, the next day's price over that day's.

    A row of ``equity/usa/factor_files/spy.csv`` has a date, a price factor and a split factor,
    which hold up to that date; raw prices times both are comparable. A 7 for 1 split is 1/7.

    Returns:
        Nothing where there is no factor file, or none that can be read: it only explains.
    """
    if symbol.security_type is not SecurityType.EQUITY:
        return {}
    path = data_folder / "equity" / symbol.market / "factor_files" / f"{symbol.file_ticker}.csv"
    try:
        if not path.is_file():
            return {}
        factors = dict(_row(line) for line in path.read_text("utf-8-sig").split("\n") if line)
    except (OSError, ValueError, IndexError):
        return {}
    return {
        last: factors[last] / factors[following]
        for last, following in itertools.pairwise(sorted(factors))
        if factors[following] > 0
    }


def _row(line: str) -> tuple[dt.date, float]:
    day, price_factor, split_factor, *_ = line.strip().split(",")
    return dt.datetime.strptime(day, "%Y%m%d").date(), float(price_factor) * float(split_factor)
