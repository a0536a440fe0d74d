"""What a run does where its process may use little: addresses (``ulimit -v``), files (``-n``)."""

from __future__ import annotations

from contextlib import suppress

__all__ = ["may_open_many_files", "spare_addresses"]

#: Above so many bytes there is room for every thread.
_ENOUGH = 4 << 30
#: Open files that leave room for several threads that write.
_MANY_FILES = 32
#: glibc's name for how many pools of memory threads may have (malloc.h).
_M_ARENA_MAX = -8


def spare_addresses() -> None:
    """Let threads share one pool of memory where the process may use few addresses.

    Else glibc reserves 64 MB of addresses for each thread, hardly any of which it ever uses.
    """
    try:
        import resource
    except ImportError:  # Windows knows no such limit
        return
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit == resource.RLIM_INFINITY or limit > _ENOUGH:
        return
    from ctypes import CDLL

    with suppress(OSError, AttributeError):  # another C library needs no such advice
        CDLL(None).mallopt(_M_ARENA_MAX, 1)


def may_open_many_files() -> bool:
    """Whether there are file descriptors for several threads at a time."""
    try:
        import resource
    except ImportError:
        return True
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return limit == resource.RLIM_INFINITY or limit >= _MANY_FILES
