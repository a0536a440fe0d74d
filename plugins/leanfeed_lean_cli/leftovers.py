"""Programs that go on in a private folder after the process that started them was killed."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from pathlib import Path

__all__ = ["interrupt_leftovers"]

_PROC = Path("/proc")
#: Seconds that a program has to end, and seconds between signals.
_GRACE, _AGAIN_AFTER = 3.0, 0.1


def interrupt_leftovers(folder: Path) -> None:
    """End the programs that work in the folder, on a system that can tell: Linux.

    By SIGINT first, again and again: a Lean CLI removes its container when it has started it, and
    does not hear before.
    """
    if sys.platform == "win32":
        return
    for sign in (signal.SIGINT, signal.SIGKILL):
        deadline = time.monotonic() + _GRACE
        while (pids := _working_in(folder)) and time.monotonic() < deadline:
            for pid in pids:
                with contextlib.suppress(OSError):
                    os.kill(pid, sign)
            time.sleep(_AGAIN_AFTER)


def _working_in(folder: Path) -> list[int]:
    found = []
    for entry in _PROC.glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it ended, or is somebody else's
            if (entry / "cwd").readlink() == folder:
                found.append(int(entry.name))
    return found
