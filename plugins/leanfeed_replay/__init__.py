"""Replays recorded sessions: tests, demonstrations and bug reports work without a key."""

from __future__ import annotations

from leanfeed.hookspecs import Factories, hookimpl
from leanfeed.interfaces import DataSource

__all__ = ["leanfeed_data_sources"]


@hookimpl
def leanfeed_data_sources() -> Factories[DataSource]:
    """The source, imported when somebody names it."""
    return {"replay": "leanfeed_replay.source:ReplaySource"}
