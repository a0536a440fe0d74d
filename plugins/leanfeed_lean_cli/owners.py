"""Whose a folder is, so that what a killed process left behind can be told from what is in use."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import signal
import socket
import sys
import time
from pathlib import Path

from attrs import frozen

__all__ = ["Owner", "interrupt_leftovers"]

_PROC = Path("/proc")
_STAMP = re.compile(r"([0-9a-f]{12})\.([0-9]{1,10})\.([0-9]{1,20})")
#: What stands after the program's name in ``/proc/<pid>/stat``, counted from 0: the state, …
_START_FIELD = 19
#: Seconds that a program has to end after SIGINT, and seconds between looks.
_GRACE, _LOOK_EVERY = 3.0, 0.05


@frozen
class Owner:
    """A process, told from all that had or will have its number."""

    #: A digest of the machine, its last start and the process namespace.
    place: str
    pid: int
    #: When it was started, in clock ticks since the machine was; 0 where that is not known.
    started: int

    @classmethod
    def me(cls) -> Owner:
        """This process."""
        return cls(_place(), os.getpid(), _started(os.getpid()))

    @classmethod
    def parse(cls, text: str) -> Owner | None:
        """The owner that was written with :meth:`__str__`; None when it was not."""
        match = _STAMP.fullmatch(text)
        return cls(match[1], int(match[2]), int(match[3])) if match else None

    def __str__(self) -> str:
        return f"{self.place}.{self.pid}.{self.started}"

    @property
    def is_dead(self) -> bool:
        """Provably: a process of another machine may live, and so may one without a start."""
        return bool(self.started) and self.place == _place() and _started(self.pid) != self.started

    @property
    def is_alive(self) -> bool:
        """Provably."""
        return bool(self.started) and self.place == _place() and _started(self.pid) == self.started


def interrupt_leftovers(folder: Path) -> None:
    """End the programs that work in the folder, on a system that can tell: Linux.

    By SIGINT first, so that a Lean CLI whose caller was killed removes its container.
    """
    if sys.platform == "win32":
        return
    for sign in (signal.SIGINT, signal.SIGKILL):
        deadline = time.monotonic() + _GRACE
        pids = _working_in(folder)
        for pid in pids:
            with contextlib.suppress(OSError):
                os.kill(pid, sign)
        while pids and _working_in(folder) and time.monotonic() < deadline:
            time.sleep(_LOOK_EVERY)


def _working_in(folder: Path) -> list[int]:
    found = []
    for entry in _PROC.glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it ended, or is somebody else's
            if (entry / "cwd").readlink() == folder:
                found.append(int(entry.name))
    return found


def _place() -> str:
    parts = [socket.gethostname()]
    with contextlib.suppress(OSError):
        parts.append((_PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii"))
        parts.append(str((_PROC / "self/ns/pid").readlink()))
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:12]


def _started(pid: int) -> int:
    """When the process was started; 0 when it does not work any more, or nobody says."""
    try:
        stat = (_PROC / str(pid) / "stat").read_bytes()
    except OSError:
        return 0
    # The program's name stands in parentheses and may hold any character.
    fields = stat.rpartition(b")")[2].split()
    # A zombie is dead, though whoever started it has not heard of it yet.
    return 0 if fields[0] in (b"Z", b"X") else int(fields[_START_FIELD])
