"""How much is done: the short form of CI, or all of it with ``LEANFEED_TORTURE=full``."""

from __future__ import annotations

import os

__all__ = ["IS_FULL", "points"]

IS_FULL = os.environ.get("LEANFEED_TORTURE") == "full"


def points(*, short: int, full: int) -> range:
    """Numbers of the points to try; each is the seed of what is done there."""
    return range(full if IS_FULL else short)
