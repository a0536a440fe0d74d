"""The three hook specifications: a plugin implements one to offer a source, planner or writer.

Each hook takes no arguments and returns ``{name: factory}``. The configuration chooses by name;
the factory is then called with the settings of that name as keywords, so an attrs class whose
fields are declared with :func:`leanfeed.setting` is its own factory and its own settings schema.
Text such as ``"my_module:MySource"`` stands for a factory that is imported once somebody names it.
A plugin announces its module under the entry-point group ``leanfeed``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

import pluggy

from leanfeed.interfaces import DataSource, GapPlanner, LeanWriter

__all__ = ["PROJECT", "Factories", "hookimpl", "hookspec"]

Product = TypeVar("Product")
#: By name what makes a source, planner or writer, or where it can be imported.
Factories = Mapping[str, Callable[..., Product] | str]

#: The name of the plugin system, and of the entry-point group.
PROJECT = "leanfeed"

hookspec = pluggy.HookspecMarker(PROJECT)
#: Marks a plugin's implementation of one of the hooks below.
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def leanfeed_data_sources() -> Factories[DataSource]:
    """Offer sources, by the names that `sources = [...]` in the configuration uses."""
    return {}


@hookspec
def leanfeed_gap_planners() -> Factories[GapPlanner]:
    """Offer planners, by the names that `planner = "..."` in the configuration uses."""
    return {}


@hookspec
def leanfeed_lean_writers() -> Factories[LeanWriter]:
    """Offer writers, by the names that `writer = "..."` in the configuration uses."""
    return {}
