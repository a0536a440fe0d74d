"""The one place where the system's clock is read to decide what is complete."""

from __future__ import annotations

import datetime as dt

__all__ = ["now"]


def now() -> dt.datetime:
    """The instant, UTC, by the system's clock."""
    return dt.datetime.now(dt.UTC)
