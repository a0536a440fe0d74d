"""Connections that another thread can cut: when the time is up, or when the run stops.

A read timeout is no deadline: a server that sends one byte a second keeps a client reading for
ever, in the headers as well as in the body. Shutting the socket ends any read at once.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from threading import Lock, Timer

from urllib3 import HTTPConnectionPool, HTTPResponse, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection

__all__ = ["Wires"]


class _Wire:
    """The socket of one exchange, once there is one."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._socket: socket.socket | None = None
        self._is_cut = False

    def attach(self, used: socket.socket | None) -> None:
        with self._lock:
            self._socket = used
        if self._is_cut:
            self.cut()

    def cut(self) -> None:
        with self._lock:
            self._is_cut = True
            if self._socket is not None:
                with suppress(OSError):  # closed already
                    # Not SSLSocket.shutdown: it takes the session away from the reading thread.
                    socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


_wire: ContextVar[_Wire] = ContextVar("leanfeed_polygon_wire")


class _Http(HTTPConnection):
    def getresponse(self) -> HTTPResponse:  # type: ignore[override]
        _wire.get().attach(self.sock)
        return super().getresponse()


class _Https(HTTPSConnection):
    def getresponse(self) -> HTTPResponse:  # type: ignore[override]
        _wire.get().attach(self.sock)
        return super().getresponse()


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _Http


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _Https


class Wires:
    """The exchanges under way."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._used: set[_Wire] = set()

    def pool(self, size: int) -> PoolManager:
        """Connections to one host that :meth:`exchange` and :meth:`cut` can reach."""
        pool = PoolManager(num_pools=1, maxsize=size)
        pool.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}
        return pool

    @contextmanager
    def exchange(self, deadline: float) -> Iterator[None]:
        """One request and its answer, cut after `deadline` seconds; for the current thread."""
        wire = _Wire()
        timer = Timer(deadline, wire.cut)
        timer.daemon = True
        token = _wire.set(wire)
        with self._lock:
            self._used.add(wire)
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            _wire.reset(token)
            with self._lock:
                self._used.discard(wire)

    def cut(self) -> None:
        """End every exchange under way: its reader fails at once."""
        with self._lock:
            for wire in self._used:
                wire.cut()
