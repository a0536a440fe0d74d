"""Replays recorded sessions: tests, demonstrations and bug reports work without a key."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from leanfeed.hookspecs import hookimpl
from leanfeed.interfaces import DataSource

__all__ = ["leanfeed_data_sources"]


@hookimpl
def leanfeed_data_sources() -> Mapping[str, Callable[..., DataSource]]:
    """Offer the source `replay`."""
    from leanfeed_replay.source import ReplaySource

    return {"replay": ReplaySource}
