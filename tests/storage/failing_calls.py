"""Make the n-th file operation below a folder fail, once or from then on.

    for number in itertools.count(1):
        with failing_calls(folder, number=number, error=errno.ENOSPC) as calls:
            ...  # what is to survive it
        if not calls.failed:
            break  # it makes fewer calls than that

Calls are counted at the functions of :mod:`os`, :mod:`io` and :mod:`fcntl` that Python code calls,
among them those behind :mod:`pathlib`, :mod:`shutil` and :mod:`zipfile`.
"""

from __future__ import annotations

import builtins
import fcntl
import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

from attrs import define, field

__all__ = ["FailingCalls", "failing_calls"]

#: Functions whose first argument is a path or a descriptor.
FUNCTIONS = {
    os: (
        *("open", "stat", "lstat", "scandir", "listdir", "readlink", "mkdir", "rename", "replace"),
        *("link", "symlink", "unlink", "remove", "rmdir", "chmod", "utime", "fsync", "truncate"),
    ),
    fcntl: ("flock", "lockf"),
}


@define
class FailingCalls:
    """Counts the calls below a folder, and lets the one with a certain number fail."""

    folder: str
    #: The first one has number 1; with 0 none fails.
    number: int
    error: int
    is_for_ever: bool
    #: Operations that always work, such as ``unlink``.
    spared: frozenset[str]
    #: Every operation so far.
    names: list[str] = field(factory=list)
    #: Those that failed.
    failed: list[str] = field(factory=list)

    def count(self, name: str, path: object) -> None:
        """Count one call.

        Raises:
            OSError: it is this one's turn to fail.
        """
        if name in self.spared or not self.is_below(path):
            return
        self.names.append(name)
        now = len(self.names)
        if self.number and (now == self.number or (self.is_for_ever and now > self.number)):
            self.failed.append(name)
            named = path if isinstance(path, (str, os.PathLike)) else None
            raise OSError(self.error, os.strerror(self.error), named and os.fspath(named))

    def is_below(self, path: object) -> bool:
        """Whether a call with this argument counts."""
        if isinstance(path, int):
            return True  # descriptors that are flushed or locked are of no other file
        if not isinstance(path, (str, os.PathLike)):
            return False
        text = os.fspath(path)
        return text == self.folder or text.startswith(self.folder + os.sep)


class _Counted:
    """Before a class of :mod:`io`: an open file below the folder."""

    calls: FailingCalls

    def __init__(self, path: Any, mode: str, calls: FailingCalls) -> None:
        self.calls, self.path = calls, path
        super().__init__(io.FileIO(path, mode.replace("b", "")))  # type: ignore[call-arg]

    def read(self, size: int | None = -1) -> bytes:
        self.calls.count("read", self.path)
        return super().read(size)  # type: ignore[misc, no-any-return]

    def write(self, data: Any) -> int:
        self.calls.count("write", self.path)
        return super().write(data)  # type: ignore[misc, no-any-return]

    def close(self) -> None:
        is_first = not self.closed and "r" not in self.raw.mode  # type: ignore[attr-defined]
        super().close()  # type: ignore[misc]
        if is_first:
            self.calls.count("close", self.path)


class _Reader(_Counted, io.BufferedReader):
    pass


class _Writer(_Counted, io.BufferedWriter):
    pass


class _Both(_Counted, io.BufferedRandom):
    pass


#: By the mode of the file.
_KINDS = {"rb": _Reader, "wb": _Writer, "xb": _Writer, "ab": _Writer, "x+b": _Both}


def _open(
    calls: FailingCalls, real: Any, path: Any, mode: str = "r", *rest: Any, **more: Any
) -> Any:
    calls.count("open", path)
    if mode in _KINDS and calls.is_below(path):
        return _KINDS[mode](path, mode, calls)
    return real(path, mode, *rest, **more)


def _call(calls: FailingCalls, name: str, real: Callable[..., Any], *args: Any, **more: Any) -> Any:
    calls.count(name, args[0] if args else None)
    return real(*args, **more)


@contextmanager
def failing_calls(
    folder: Path,
    *,
    number: int,
    error: int,
    is_for_ever: bool = False,
    spared: frozenset[str] = frozenset(),
) -> Iterator[FailingCalls]:
    """Let one file operation below `folder` fail with `error`, or all from that one on."""
    calls = FailingCalls(str(folder), number, error, is_for_ever, spared)
    patches = [
        patch.object(module, name, partial(_call, calls, name, getattr(module, name)))
        for module, names in FUNCTIONS.items()
        for name in names
    ]
    patches += [
        patch.object(module, "open", partial(_open, calls, io.open)) for module in (io, builtins)
    ]
    for one in patches:
        one.start()
    try:
        yield calls
    finally:
        for one in patches:
            one.stop()
