"""The functions of :mod:`leanfeed_flatfiles` for programs with an event loop.

    report = await leanfeed_flatfiles.aio.ingest_date("stocks_minute", "2024-06-03", symbols="SPY")

Arguments, results and errors are those of the functions of the same name. What ingests is
cancelled as :mod:`leanfeed.aio` says.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

from leanfeed import aio
from leanfeed.dates import Date
from leanfeed.report import Report
from leanfeed.request import Symbols
from leanfeed_flatfiles import ingestion
from leanfeed_flatfiles.source import FlatFilesSource

__all__ = [
    "get_ingestion_status",
    "get_missing_dates",
    "get_statistics",
    "ingest_date",
    "ingest_date_range",
]

P = ParamSpec("P")
Result = TypeVar("Result")


async def ingest_date(
    data_type: str,
    date: Date,
    *,
    symbols: Symbols = "*",
    incremental: bool = True,
    source: FlatFilesSource | None = None,
    data_folder: ingestion.Folder | None = None,
    config: ingestion.Folder | None = None,
    **how: Any,
) -> Report:
    """See :func:`leanfeed_flatfiles.ingest_date`."""
    return await ingest_date_range(
        data_type,
        date,
        date,
        symbols=symbols,
        incremental=incremental,
        source=source,
        data_folder=data_folder,
        config=config,
        **how,
    )


async def ingest_date_range(
    data_type: str,
    start: Date,
    end: Date | None = None,
    *,
    symbols: Symbols = "*",
    incremental: bool = True,
    source: FlatFilesSource | None = None,
    data_folder: ingestion.Folder | None = None,
    config: ingestion.Folder | None = None,
    **how: Any,
) -> Report:
    """See :func:`leanfeed_flatfiles.ingest_date_range`; `how`: its `progress` and `cancel`."""
    what = ingestion.asked(
        data_type,
        start,
        end,
        symbols,
        incremental=incremental,
        source=source,
        data_folder=data_folder,
        config=config,
    )
    return await aio.ensure(**what, **how)


def _in_a_thread(function: Callable[P, Result]) -> Callable[P, Coroutine[Any, Any, Result]]:
    @functools.wraps(function)
    async def run(*args: P.args, **kwargs: P.kwargs) -> Result:
        return await asyncio.to_thread(function, *args, **kwargs)

    run.__module__ = __name__
    return run


get_ingestion_status = _in_a_thread(ingestion.get_ingestion_status)
get_missing_dates = _in_a_thread(ingestion.get_missing_dates)
get_statistics = _in_a_thread(ingestion.get_statistics)
