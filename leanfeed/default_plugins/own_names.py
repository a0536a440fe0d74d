"""Names of temporary files: they tell whose a file is, and so whether its process is gone."""

from __future__ import annotations

import os
import re
import time
from functools import lru_cache
from random import Random

from leanfeed.processes import Process

__all__ = ["is_abandoned", "is_own_name", "own_name"]

#: Of leanfeed's own, so that nobody else's sequence of random numbers is disturbed.
_numbers = Random()
#: What no living process of ours leaves untouched for so long, in seconds.
_OLD = 24 * 3600

_SHAPE = re.compile(r"\..+\.(?P<maker>[^.]+\.[^.]+\.[^.]+)\.[0-9a-f]{8}\.tmp")


def own_name(name: str) -> str:
    """A new name for a temporary file that will become `name`, or stands for work on it.

    It starts with a dot and does not end in ``.zip``: LEAN does not see it. It holds the process
    that made it, as :func:`is_abandoned` needs it.
    """
    return f".{name}.{_owner(os.getpid())}.{_numbers.getrandbits(32):08x}.tmp"


def is_own_name(name: str) -> bool:
    """Whether :func:`own_name` made it, in whatever process."""
    return _maker(name) is not None


def is_abandoned(file: os.DirEntry[str]) -> bool:
    """Whether a temporary file belongs to nobody: its process is dead, or it is a day old.

    Death can be proven only on the machine and in the container where the process ran; elsewhere,
    and where there is no ``/proc``, age decides.

    Raises:
        OSError: the system does not tell how old the file is.
    """
    maker = _maker(file.name)
    if maker is None or not file.is_file(follow_symlinks=False):
        return False
    return maker.is_dead or time.time() - file.stat(follow_symlinks=False).st_mtime > _OLD


def _maker(name: str) -> Process | None:
    shape = _SHAPE.fullmatch(name)
    return Process.parse(shape["maker"]) if shape else None


@lru_cache(maxsize=1)
def _owner(pid: int) -> Process:
    """This process; kept by its id, because a process that was forked is another one."""
    return Process.this()
