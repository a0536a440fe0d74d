"""Sees the files, sockets and processes that code touches, whatever road it takes to them."""

from __future__ import annotations

import sys
import sysconfig
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from attrs import frozen

__all__ = ["Act", "acts_of", "watched"]

#: Audit events of Python that mean input or output, by how their names begin.
_EVENTS = ("open", "os.", "socket.", "subprocess.", "shutil.", "sqlite3.", "http.", "urllib.")
_HARMLESS = ("os.putenv", "os.unsetenv")
#: Whoever imports, or asks for a time zone, reads files of Python's own.
_PYTHON = ("importlib", "_frozen_importlib", "zoneinfo")


@frozen
class Act:
    """One thing that touched the outside."""

    event: str
    #: The objects for which functions were running, from the inside out.
    owners: tuple[object, ...]
    #: The innermost line outside of Python's library.
    place: str

    def __str__(self) -> str:
        return f"{self.event} at {self.place}"


class _Watching(threading.local):
    acts: list[Act] | None = None


_watching = _Watching()
_install = threading.Lock()
_installed: list[bool] = []


@contextmanager
def watched() -> Iterator[list[Act]]:
    """Collect what this thread does to files, sockets and processes in the ``with`` block."""
    with _install:
        if not _installed:  # an audit hook stays for ever
            sys.addaudithook(_hear)
            _installed.append(True)
    acts: list[Act] = []
    _watching.acts = acts
    try:
        yield acts
    finally:
        _watching.acts = None


def acts_of(acts: list[Act], kind: type) -> list[Act]:
    """Those that happened while an object of this class, or the class itself, was at work."""
    return [
        act for act in acts if any(owner is kind or type(owner) is kind for owner in act.owners)
    ]


def _hear(event: str, _arguments: tuple[Any, ...]) -> None:
    acts = _watching.acts
    if acts is None or not event.startswith(_EVENTS) or event in _HARMLESS:
        return
    _watching.acts = None  # looking around must not be heard
    try:
        frames = list(_frames(sys._getframe(1)))
        names = [str(frame.f_globals.get("__name__", "")) for frame in frames]
        if not any(name.startswith(_PYTHON) for name in names):
            owners = tuple(owner for frame in frames for owner in _owner(frame))
            acts.append(Act(event, owners, _place(frames)))
    finally:
        _watching.acts = acts


def _frames(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None and frame.f_globals.get("__name__") != __name__:
        yield frame
        if frame.f_code.co_name.startswith("test_"):
            return
        frame = frame.f_back


def _owner(frame: FrameType) -> Iterator[object]:
    if frame.f_code.co_argcount:
        yield frame.f_locals.get(frame.f_code.co_varnames[0])


def _place(frames: list[FrameType]) -> str:
    library = sysconfig.get_path("stdlib")
    for frame in frames:
        file = frame.f_code.co_filename
        if "site-packages" in file or not file.startswith((library, "<")):
            return f"{file}:{frame.f_lineno}"
    return "an unknown place"
