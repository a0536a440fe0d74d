"""The choice between files that survive a power cut and files that are written faster."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["Durability"]


class Durability(StrEnum):
    """What a file survives once it is there."""

    #: A power cut: its bytes and its name were flushed to the disk.
    FULL = "full"
    #: The end of the process, not that of the machine: for folders that can be made again.
    FAST = "fast"
