"""By what a file is known again without being opened: its size, and when it was last changed."""

from __future__ import annotations

import os
from typing import NamedTuple, Self

__all__ = ["Stamp"]


class Stamp(NamedTuple):
    """What the system says of a file. Times are nanoseconds since 1970."""

    size: int
    mtime_ns: int
    #: Any program can set the modification time back. The time at which the system last changed
    #: anything about the file is set by nobody else, so the later of the two tells of every change.
    #: Windows keeps no such time: there it is the modification time.
    changed_ns: int

    @classmethod
    def of(cls, stat: os.stat_result) -> Self:
        """The stamp of a file that the system was asked about."""
        return cls(stat.st_size, stat.st_mtime_ns, max(stat.st_mtime_ns, stat.st_ctime_ns))
