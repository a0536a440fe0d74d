"""Offers `flatfiles` to leanfeed."""

from __future__ import annotations

from leanfeed.hookspecs import Factories, hookimpl
from leanfeed.interfaces import DataSource

__all__ = ["leanfeed_data_sources"]


@hookimpl
def leanfeed_data_sources() -> Factories[DataSource]:
    """The source, imported when somebody names it."""
    return {"flatfiles": "leanfeed_flatfiles.source:FlatFilesSource"}
