"""Offers `polygon`: bars from the REST aggregates of Polygon.io, which is now called Massive."""

from __future__ import annotations

from leanfeed.hookspecs import Factories, hookimpl
from leanfeed.interfaces import DataSource

__all__ = ["leanfeed_data_sources"]


@hookimpl
def leanfeed_data_sources() -> Factories[DataSource]:
    """The source, imported when somebody names it."""
    return {"polygon": "leanfeed_polygon.source:PolygonSource"}
