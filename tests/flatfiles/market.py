"""A market of a few stocks, as flat files in a bucket."""

from __future__ import annotations

import datetime as dt
import gzip
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import leanfeed
from leanfeed_flatfiles.data_types import DataType
from tests.flatfiles.made_files import HEADER, row
from tests.flatfiles.servers import Bucket

__all__ = ["day_file", "ensure", "minute_file", "put_days"]

TICKERS = ("AAA", "BBB")


def _packed(rows: list[str]) -> bytes:
    text = "".join(f"{line}\n" for line in (HEADER, *rows))
    return gzip.compress(text.encode(), mtime=0)


def minute_file(date: str, prices: Mapping[str, float], *, minutes: int = 3) -> bytes:
    """Some minutes of each ticker."""
    day = dt.date.fromisoformat(date)
    times = [f"09:{30 + minute}" for minute in range(minutes)]
    return _packed(
        [row(t, at, price=p, date=day) for t, p in sorted(prices.items()) for at in times]
    )


def day_file(date: str, prices: Mapping[str, float]) -> bytes:
    """A bar of each ticker."""
    day = dt.date.fromisoformat(date)
    return _packed([row(t, "00:00", price=p, date=day) for t, p in sorted(prices.items())])


def put_days(
    bucket: Bucket,
    data_type: DataType,
    *dates: str,
    prices: Mapping[str, float] | None = None,
) -> None:
    """Put the files of some dates."""
    make: Callable[..., bytes] = minute_file if data_type.endswith("minute") else day_file
    given = prices or {ticker: 100.0 + i for i, ticker in enumerate(TICKERS)}
    bucket.put_days(data_type, {date: make(date, given) for date in dates})


def ensure(bucket: Bucket, folder: Path, symbols: Any = TICKERS, **asked: Any) -> leanfeed.Report:
    """What a run with the source `flatfiles` alone says."""
    settings = bucket.settings(endpoint=asked.pop("endpoint", bucket.url))
    lines = [f"{name} = {value!r}" for name, value in settings.items()]
    config = folder.parent / "leanfeed.toml"
    config.write_text("\n".join(["[source.flatfiles]", *lines]), encoding="utf-8")
    defaults = {"resolution": "minute", "data_folder": folder, "sources": "flatfiles"}
    return leanfeed.ensure(symbols, config=config, **{**defaults, **asked})
