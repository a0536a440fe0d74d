"""Whole markets by the day, from the flat files of Polygon, now Massive.

    from leanfeed_flatfiles import FlatFileCatalog, ingest_date_range

A name loads its module when it is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from leanfeed_flatfiles.catalog import FlatFileCatalog, FlatFileCoverage
    from leanfeed_flatfiles.data_types import DataType
    from leanfeed_flatfiles.ingestion import (
        IngestionState,
        IngestionStatistics,
        IngestionStatus,
        get_ingestion_status,
        get_missing_dates,
        get_statistics,
        ingest_date,
        ingest_date_range,
    )
    from leanfeed_flatfiles.source import FlatFilesSource

_MODULES = {
    "catalog": ("FlatFileCatalog", "FlatFileCoverage"),
    "data_types": ("DataType",),
    "ingestion": (
        "IngestionState",
        "IngestionStatistics",
        "IngestionStatus",
        "get_ingestion_status",
        "get_missing_dates",
        "get_statistics",
        "ingest_date",
        "ingest_date_range",
    ),
    "source": ("FlatFilesSource",),
}
_HOMES = {name: module for module, names in _MODULES.items() for name in names}

__all__ = [
    "DataType",
    "FlatFileCatalog",
    "FlatFileCoverage",
    "FlatFilesSource",
    "IngestionState",
    "IngestionStatistics",
    "IngestionStatus",
    "get_ingestion_status",
    "get_missing_dates",
    "get_statistics",
    "ingest_date",
    "ingest_date_range",
]


def __getattr__(name: str) -> Any:
    """Load the module of a public name when it is first used."""
    if name in _HOMES:
        return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    if name == "aio":
        return importlib.import_module(f"{__name__}.aio")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, "aio"]
