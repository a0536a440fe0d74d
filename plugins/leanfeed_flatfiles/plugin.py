"""Offers `flatfiles` to leanfeed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from leanfeed.hookspecs import hookimpl
from leanfeed.interfaces import DataSource

__all__ = ["leanfeed_data_sources"]


@hookimpl
def leanfeed_data_sources() -> Mapping[str, Callable[..., DataSource]]:
    """The source; what it needs for the network is imported when it is first asked."""
    from leanfeed_flatfiles.source import NAME, FlatFilesSource

    return {NAME: FlatFilesSource}
