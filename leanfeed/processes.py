"""Processes, told apart so well that what a dead one left behind can be removed."""

from __future__ import annotations

import contextlib
import os
import re
import zlib
from pathlib import Path

from attrs import frozen

__all__ = ["Process"]

_PROC = Path("/proc")
#: Longer host names are cut: what is named after a process has a name of its own as well.
_HOST_LENGTH = 24
_WRITTEN = re.compile(r"([A-Za-z0-9-]+)\.([1-9][0-9]{0,8})\.([0-9]{1,20})")
#: What stands after the program's name in ``/proc/<pid>/stat``, counted from 0.
_STATE, _START = 0, 19


@frozen
class Process:
    """One process of all that had or will have its number, on any machine or in any container.

    Its text, of letters, digits, ``-`` and ``.``, is fit for the name of a file.
    """

    #: The host's name, and a number for its last start and the process namespace.
    place: str
    pid: int
    #: When it was started, in clock ticks since the machine was; 0 where the system does not tell.
    start: int

    @classmethod
    def this(cls) -> Process:
        """The one that asks."""
        pid = os.getpid()
        return cls(_place(), pid, _start("self", pid) or 0)

    @classmethod
    def parse(cls, text: str) -> Process | None:
        """The process that was written with :meth:`__str__`; None when none was."""
        match = _WRITTEN.fullmatch(text)
        return cls(match[1], int(match[2]), int(match[3])) if match else None

    def __str__(self) -> str:
        return f"{self.place}.{self.pid}.{self.start}"

    @property
    def is_dead(self) -> bool:
        """Provably: one of another machine may live, and so may one of which nobody tells more."""
        if not self._is_of_here:
            return False
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            pass  # it lives, and is somebody else's
        return _start(str(self.pid), self.pid) not in (self.start, None)

    @property
    def is_alive(self) -> bool:
        """Provably, as :attr:`is_dead`."""
        return self._is_of_here and _start(str(self.pid), self.pid) == self.start

    @property
    def _is_of_here(self) -> bool:
        """Whether ``/proc`` speaks of it. Without one, as on Windows, no process has a start."""
        here = Process.this()
        return bool(self.start and here.start) and self.place == here.place


def _start(entry: str, pid: int) -> int | None:
    """When a process started (proc_pid_stat(5)): 0 when it has ended, None when nobody tells."""
    try:
        stat = (_PROC / entry / "stat").read_bytes()
    except OSError:
        return None
    if not stat.startswith(b"%d " % pid):  # this is the /proc of another container
        return None
    # The program's name stands in parentheses and may hold any character.
    fields = stat.rpartition(b")")[2].split()
    # A zombie has ended, though whoever started it has not heard of it yet.
    return 0 if fields[_STATE] in (b"Z", b"X") else int(fields[_START])


def _place() -> str:
    import socket  # late: who only reads needs no name

    host = re.sub(r"[^A-Za-z0-9-]", "-", socket.gethostname())
    known = host
    with contextlib.suppress(OSError):
        known += (_PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii")
        known += str((_PROC / "self/ns/pid").readlink())
    return f"{host[:_HOST_LENGTH]}-{zlib.crc32(known.encode()):08x}"
