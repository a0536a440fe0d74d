"""Offers `lean-cli`: QuantConnect's own ``lean data download``, boxed in."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from leanfeed.hookspecs import hookimpl
from leanfeed.interfaces import DataSource

__all__ = ["leanfeed_data_sources"]


@hookimpl
def leanfeed_data_sources() -> Mapping[str, Callable[..., DataSource]]:
    """The source; what it needs to start a program is imported when it is first asked."""
    from leanfeed_lean_cli.source import NAME, LeanCliSource

    return {NAME: LeanCliSource}
