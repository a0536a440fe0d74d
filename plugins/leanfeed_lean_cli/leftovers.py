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
_GRACE, _AGAIN_AFTER = 3.0, 1.2
_LOOK_EVERY = 0.05


def interrupt_leftovers(folder: Path) -> None:
    """End the programs that work in the folder, on a system that can tell: Linux.

    By SIGINT first, for which a Lean CLI removes the container that it has started.
    """
    if sys.platform == "win32":
        return
    for sign in (signal.SIGINT, signal.SIGKILL):
        deadline = time.monotonic() + _GRACE
        signal_at = time.monotonic()
        while (pids := _working_in(folder)) and (now := time.monotonic()) < deadline:
            if now >= signal_at:
                signal_at = now + _AGAIN_AFTER
                for pid in pids:
                    with contextlib.suppress(OSError):
                        os.kill(pid, sign)
            time.sleep(_LOOK_EVERY)


def _working_in(folder: Path) -> list[int]:
    found = []
    for entry in _PROC.glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it ended, or is somebody else's
            if (entry / "cwd").readlink() == folder:
                found.append(int(entry.name))
    return found
