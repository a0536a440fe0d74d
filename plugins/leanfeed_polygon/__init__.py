"""Offers `polygon`: bars from the REST aggregates of Polygon.io, which is now called Massive."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from leanfeed.hookspecs import hookimpl
from leanfeed.interfaces import DataSource

__all__ = ["leanfeed_data_sources"]


@hookimpl
def leanfeed_data_sources() -> Mapping[str, Callable[..., DataSource]]:
    """The source; what it needs for the network is imported when it is first asked."""
    from leanfeed_polygon.source import NAME, PolygonSource

    return {NAME: PolygonSource}
