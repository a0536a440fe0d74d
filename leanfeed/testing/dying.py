"""Kills code at each of its calls that touch files, in a process made for that."""

from __future__ import annotations

import io
import os
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable
from types import FrameType
from typing import Any

__all__ = ["can_die", "dies_at"]

#: Calls that change files, of Python's own modules and of open files.
_CALLS = frozenset(
    (
        *(
            "open",
            "write",
            "writelines",
            "flush",
            "close",
            "truncate",
            "ftruncate",
            "fsync",
            "utime",
        ),
        *("replace", "rename", "link", "symlink", "unlink", "remove", "mkdir", "rmdir", "pwrite"),
    )
)
_MODULES = ("posix", "nt", "_io", "io", "fcntl")
_FILES = (io.FileIO, io.BufferedWriter, io.BufferedRandom, io.TextIOWrapper)
_LONGEST = 60.0


def can_die() -> bool:
    """Whether the system can copy a process."""
    return hasattr(os, "fork")


def dies_at(number: int, act: Callable[[], object]) -> bool:
    """Run `act` in a copy of this process that is killed at its `number`-th step.

    A step is the moment before a call that changes files. False: `act` ended before it came so
    far.

    Raises:
        AssertionError: `act` raised, or did not end in a minute.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # other threads are left behind
        child = os.fork()
    if not child:
        _die_or_end(number, act)
    until = time.monotonic() + _LONGEST
    while time.monotonic() < until:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            assert status in (0, signal.SIGKILL), "The writer raised when it was to be killed."
            return status == signal.SIGKILL
        time.sleep(0.001)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    raise AssertionError(f"The writer did not end in {_LONGEST:g} s.")


def _die_or_end(number: int, act: Callable[[], object]) -> None:
    left = number

    def step(_frame: FrameType, event: str, argument: Any) -> None:
        nonlocal left
        if event == "c_call" and _changes_files(argument):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    try:
        threading.setprofile(step)
        sys.setprofile(step)
        act()
        sys.setprofile(None)
        os._exit(0)
    except BaseException:
        os._exit(1)


def _changes_files(function: Any) -> bool:
    if getattr(function, "__name__", "") not in _CALLS:
        return False
    owner = getattr(function, "__self__", None)
    return getattr(function, "__module__", None) in _MODULES or isinstance(owner, _FILES)
