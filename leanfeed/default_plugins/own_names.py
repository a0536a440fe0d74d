"""Names of temporary files: they tell whose a file is, and so whether its process is gone."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import socket
import time
import zlib
from functools import lru_cache
from pathlib import Path

__all__ = ["is_abandoned", "is_own_name", "own_name"]

#: What no living process of ours leaves untouched for so long, in seconds.
_OLD = 24 * 3600

_UNKNOWN = "0"
#: Longer host names are cut, to leave room for the name of the file.
_HOST_LENGTH = 24
_SHAPE = re.compile(
    r"\..+\.(?P<machine>[A-Za-z0-9-]+)\.(?P<pid>[1-9][0-9]{0,8})\.(?P<start>[0-9]+)"
    r"\.[0-9a-f]{8}\.tmp"
)


def own_name(name: str) -> str:
    """A new name for a temporary file that will become `name`, or stands for work on it.

    It starts with a dot and does not end in ``.zip``: LEAN does not see it. It holds the machine,
    the process id and the start time of the process, as :func:`is_abandoned` needs them.
    """
    return f".{name}.{_owner(os.getpid())}.{secrets.token_hex(4)}.tmp"


def is_own_name(name: str) -> bool:
    """Whether :func:`own_name` made it, in whatever process."""
    return _SHAPE.fullmatch(name) is not None


def is_abandoned(file: os.DirEntry[str]) -> bool:
    """Whether a temporary file belongs to nobody: its process is dead, or it is a day old.

    Death is proven by process id and start time, and only on the machine and in the container
    where the process ran; elsewhere, and where there is no ``/proc``, age decides.

    Raises:
        OSError: the system does not tell how old the file is.
    """
    shape = _SHAPE.fullmatch(file.name)
    if shape is None or not file.is_file(follow_symlinks=False):
        return False
    machine = _owner(os.getpid()).partition(".")[0]
    if shape["machine"] == machine and _is_dead(int(shape["pid"]), shape["start"]):
        return True
    return time.time() - file.stat(follow_symlinks=False).st_mtime > _OLD


@lru_cache(maxsize=1)
def _owner(pid: int) -> str:
    """This process; kept by its id, because a process that was forked is another one."""
    return f"{_machine()}.{pid}.{_start('self', pid)}"


def _is_dead(pid: int, start: str) -> bool:
    if start == _UNKNOWN or not Path("/proc/self").exists():
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except OSError:
        pass  # it lives, and is somebody else's
    return _start(pid, pid) not in (start, _UNKNOWN)


def _start(process: int | str, pid: int) -> str:
    """When a process started, in ticks since the machine did: field 22 of proc_pid_stat(5)."""
    with contextlib.suppress(OSError, IndexError):
        stat = Path(f"/proc/{process}/stat").read_bytes()
        if stat.startswith(b"%d " % pid):  # else this is the /proc of another container
            return stat.rpartition(b")")[2].split()[19].decode()
    return _UNKNOWN


def _machine() -> str:
    """The host's name, and a number that tells hosts and containers of one name apart."""
    host = re.sub(r"[^A-Za-z0-9-]", "-", socket.gethostname())
    known = host
    with contextlib.suppress(OSError):
        known += Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii")
        known += str(Path("/proc/self/ns/pid").readlink())
    return f"{host[:_HOST_LENGTH]}-{zlib.crc32(known.encode()):08x}"
