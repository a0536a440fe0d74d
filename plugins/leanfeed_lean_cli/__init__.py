"""The source `lean-cli`: QuantConnect's own ``lean data download``, boxed in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leanfeed.hookspecs import hookimpl

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from leanfeed.interfaces import DataSource


@hookimpl
def leanfeed_data_sources() -> Mapping[str, Callable[..., DataSource]]:
    return {}
