"""Watch the system calls by which a process changes files, and kill it at one of them.

As strace would, with ptrace(2) alone, so that it works wherever Linux lets a process be traced::

    calls, _ = watched(run, folder)
    for number in range(1, len(calls) + 1):
        ...  # make the folder anew
        _, code = watched(run, folder, kill_at=number)
"""

from __future__ import annotations

import ctypes
import os
import platform
import signal
import struct
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from attrs import frozen

__all__ = ["IS_POSSIBLE", "Call", "watched"]

#: Of each call: its number on x86-64 and on ARM, and which arguments name a file. ``d`` is the
#: descriptor of a folder with a path behind it, ``p`` a path, ``f`` a descriptor.
_CALLS = {
    "open": (2, None, "p"),
    "openat": (257, 56, "d"),
    "write": (1, 64, "f"),
    "writev": (20, 66, "f"),
    "pwrite64": (18, 68, "f"),
    "pwritev": (296, 70, "f"),
    "sendfile": (40, 71, "f"),
    "copy_file_range": (326, 285, "..f"),
    "fallocate": (285, 47, "f"),
    "truncate": (76, 45, "p"),
    "ftruncate": (77, 46, "f"),
    "fsync": (74, 82, "f"),
    "fdatasync": (75, 83, "f"),
    "rename": (82, None, "pp"),
    "renameat": (264, 38, "d.d"),
    "renameat2": (316, 276, "d.d"),
    "mkdir": (83, None, "p"),
    "mkdirat": (258, 34, "d"),
    "rmdir": (84, None, "p"),
    "unlink": (87, None, "p"),
    "unlinkat": (263, 35, "d"),
    "link": (86, None, "pp"),
    "linkat": (265, 37, "d.d"),
    "symlink": (88, None, ".p"),
    "symlinkat": (266, 36, ".d"),
    "chmod": (90, None, "p"),
    "fchmod": (91, 52, "f"),
    "fchmodat": (268, 53, "d"),
    "utimensat": (280, 88, "d"),
    "flock": (73, 32, "f"),
}
#: Where the flags of a call stand that may only read.
_FLAGS = {"open": 1, "openat": 2}
_WRITING = os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_RDWR
_COLUMN = {"x86_64": 0, "aarch64": 1}.get(platform.machine())
IS_POSSIBLE = os.uname().sysname == "Linux" and _COLUMN is not None
_BY_NUMBER = {
    entry[_COLUMN]: (name, entry[2])
    for name, entry in _CALLS.items()
    if _COLUMN is not None and entry[_COLUMN] is not None
}

# linux/ptrace.h, linux/wait.h
_TRACEME, _CONTINUE, _SETOPTIONS, _GET_SYSCALL_INFO = 0, 7, 0x4200, 0x420E
_FORKS, _FILTERED, _KILL_WITH_US = 0x2 | 0x4 | 0x8, 0x80, 0x100000
_STOPPED_BY_FILTER = signal.SIGTRAP | 7 << 8
_ALL_THREADS = 0x40000000
# linux/prctl.h, linux/seccomp.h, linux/bpf_common.h
_NO_NEW_PRIVILEGES, _SET_FILTER, _FILTER = 38, 22, 2
_LOAD, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _STOP = 0x7FFF0000, 0x7FF00000
_HERE = -100 & 0xFFFFFFFF
_PAGE = 4096
_LIBRARY = ctypes.CDLL(None, use_errno=True)


class _Info(ctypes.Structure):
    """``ptrace_syscall_info``, as far as a call that the filter stops needs it."""

    _fields_ = (
        ("op", ctypes.c_uint8),
        ("arch", ctypes.c_uint32),
        ("instruction", ctypes.c_uint64),
        ("stack", ctypes.c_uint64),
        ("number", ctypes.c_uint64),
        ("arguments", ctypes.c_uint64 * 6),
        ("more", ctypes.c_uint64 * 2),
    )


@frozen
class Call:
    """A call that changes a file, or its lock, or asks that it reaches the disk."""

    name: str
    #: The files, whole paths.
    paths: tuple[str, ...]


def _library(function: str, *numbers: int) -> None:
    if getattr(_LIBRARY, function)(*map(ctypes.c_long, numbers)) < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"This system lets no process be traced: {os.strerror(number)}")


def _ptrace(request: int, pid: int, address: int = 0, data: int = 0) -> None:
    _library("ptrace", request, pid, address, data)


def watched(run: Callable[[], object], folder: Path, *, kill_at: int = 0) -> tuple[list[Call], int]:
    """The calls by which `run`, in a process of its own, changes what is in a folder.

    Args:
        run: what the process does; it may go on as another program.
        folder: of other files nobody takes notice.
        kill_at: kill it when it is about to make the call with this number, counted from 1.

    Returns:
        Its calls, and its exit code: 0, 1 after an exception, or less than 0 when it was killed.
    """
    calls: list[Call] = []
    process = os.fork()
    if not process:
        _obey(run)
    os.waitpid(process, 0)
    _ptrace(_SETOPTIONS, process, data=_FORKS | _FILTERED | _KILL_WITH_US)
    _go_on(process, 0)
    while True:
        thread, status = os.waitpid(-1, _ALL_THREADS)
        if not os.WIFSTOPPED(status):
            if thread == process:
                return calls, os.waitstatus_to_exitcode(status)
            continue
        if status >> 8 == _STOPPED_BY_FILTER and (call := _entered(thread, str(folder))):
            calls.append(call)
            if len(calls) == kill_at:
                os.kill(process, signal.SIGKILL)
        number = os.WSTOPSIG(status)
        _go_on(thread, 0 if number in (signal.SIGTRAP, signal.SIGSTOP) else number)


def _obey(run: Callable[[], object]) -> NoReturn:
    """Wait to be watched, run, and end without a word to what this process is a copy of."""
    code = 1
    try:
        _ptrace(_TRACEME, 0)
        os.kill(os.getpid(), signal.SIGSTOP)
        _filter_calls()
        run()
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def _filter_calls() -> None:
    """Stop at the calls of the table only: a stop costs more than most calls."""
    numbers = list(_BY_NUMBER)
    jumps = [(_JUMP_IF_EQUAL, len(numbers) - n, 0, number) for n, number in enumerate(numbers)]
    steps = [(_LOAD, 0, 0, 0), *jumps, (_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _STOP)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in steps))
    program = ctypes.create_string_buffer(struct.pack("@HP", len(steps), ctypes.addressof(code)))
    _library("prctl", _NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    _library("prctl", _SET_FILTER, _FILTER, ctypes.addressof(program), 0, 0)


def _go_on(thread: int, number: int) -> None:
    with suppress(ProcessLookupError):  # it was killed
        _ptrace(_CONTINUE, thread, data=number)


def _entered(thread: int, folder: str) -> Call | None:
    """The call that a thread is about to make; None when it is none of ours."""
    info = _Info()
    try:
        _ptrace(_GET_SYSCALL_INFO, thread, ctypes.sizeof(info), ctypes.addressof(info))
        name, kinds = _BY_NUMBER[info.number]
        found = [_path(thread, info, n, kind) for n, kind in enumerate(kinds) if kind != "."]
    except OSError:  # it was killed
        return None
    flags = info.arguments[_FLAGS[name]] if name in _FLAGS else _WRITING
    is_ours = any(path == folder or path.startswith(f"{folder}/") for path in found)
    return Call(name, tuple(found)) if is_ours and flags & _WRITING else None


def _path(thread: int, info: _Info, position: int, kind: str) -> str:
    given = info.arguments[position]
    proc = Path(f"/proc/{thread}")
    if kind == "f":
        return str((proc / f"fd/{given}").readlink())
    text = _text(thread, given if kind == "p" else info.arguments[position + 1])
    is_here = kind == "p" or given & 0xFFFFFFFF == _HERE
    start = proc / ("cwd" if is_here else f"fd/{given}")
    return os.path.normpath(start.readlink() / text)


def _text(thread: int, address: int) -> str:
    with Path(f"/proc/{thread}/mem").open("rb", buffering=0) as memory:
        memory.seek(address)
        text = memory.read(_PAGE - address % _PAGE)  # the next page may not be there
        while b"\0" not in text:
            text += memory.read(_PAGE)
    return os.fsdecode(text.partition(b"\0")[0])
