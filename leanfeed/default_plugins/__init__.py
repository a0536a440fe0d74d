"""What every install needs: the calendar planner and the LEAN writer, offered like any plugin."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from leanfeed.hookspecs import hookimpl
from leanfeed.interfaces import GapPlanner, LeanWriter

__all__ = ["leanfeed_gap_planners", "leanfeed_lean_writers"]


@hookimpl
def leanfeed_gap_planners() -> Mapping[str, Callable[..., GapPlanner]]:
    """Offer ``calendar``: the sessions of LEAN's market hours that the folder lacks."""
    from leanfeed.default_plugins.calendar_planner import CalendarPlanner

    return {"calendar": CalendarPlanner}


@hookimpl
def leanfeed_lean_writers() -> Mapping[str, Callable[..., LeanWriter]]:
    """Offer ``lean``: LEAN's own files, replaced atomically."""
    from leanfeed.default_plugins.zip_writer import ZipWriter

    return {"lean": ZipWriter}
