"""Connections that another thread can cut: when the time is up, or when the run stops.

A read timeout is no deadline: a server that sends one byte a second keeps a client reading for
ever, in the handshake and the headers as well as in the body. Shutting the socket ends any read at
once. Nothing ends the look-up of a name, so whoever waits for it leaves it behind.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from concurrent.futures import Future, InvalidStateError
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from math import inf
from threading import Condition, Lock, Thread
from time import monotonic

from urllib3 import HTTPConnectionPool, HTTPResponse, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util.ssltransport import SSLTransport

from leanfeed.errors import SourceError

__all__ = ["StoppedError", "Wires"]


class StoppedError(SourceError):
    """Nobody waits for the answer any more."""

    def __init__(self, text: str = "The run was stopped. Run again to go on.") -> None:
        super().__init__(text)


class _Wire:
    """The socket of one exchange, once there is one."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._socket: socket.socket | None = None
        self._own: socket.socket | None = None
        self._connecting: Future[socket.socket] | None = None
        self._is_cut = False

    def connect(self, make: Callable[[], socket.socket]) -> socket.socket:
        """The socket that `make` connects, which may take as long as name servers please."""
        connecting = Future[socket.socket]()

        def work() -> None:
            try:
                made = make()
            except BaseException as error:
                with suppress(InvalidStateError):
                    connecting.set_exception(error)
                return
            try:
                connecting.set_result(made)
            except InvalidStateError:  # cut meanwhile
                made.close()

        self._connecting = connecting
        try:
            Thread(target=work, name="leanfeed-polygon-connect", daemon=True).start()
        except RuntimeError:  # memory is scarce: no more threads
            work()
        if self._is_cut:
            self.cut()
        made = connecting.result()
        try:
            # TLS takes the socket itself away: the handshake is cut at another handle of it.
            self._own = made.dup()
        except OSError:
            made.close()
            raise
        self._attach(self._own)
        return made

    def attach(self, used: socket.socket | SSLTransport | None) -> None:
        """From now on the exchange goes through `used`."""
        self._attach(used.socket if isinstance(used, SSLTransport) else used)
        self.release()

    def release(self) -> None:
        """Close what is the wire's own."""
        if self._own is not None:
            self._own.close()
            self._own = None

    def _attach(self, used: socket.socket | None) -> None:
        with self._lock:
            self._socket = used
        if self._is_cut:
            self.cut()

    def cut(self) -> None:
        """End whatever waits for the socket, or for there to be one."""
        with self._lock:
            self._is_cut = True
            if self._connecting is not None:
                with suppress(InvalidStateError):  # connected already
                    self._connecting.set_exception(TimeoutError("cut"))
            if self._socket is not None:
                with suppress(OSError):  # closed already
                    # Not SSLSocket.shutdown: it takes the session away from the reading thread.
                    socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


_wire: ContextVar[_Wire] = ContextVar("leanfeed_polygon_wire")


class _Http(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _wire.get().connect(super()._new_conn)

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]
        _wire.get().attach(self.sock)
        return super().getresponse()


class _Https(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _wire.get().connect(super()._new_conn)

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]
        _wire.get().attach(self.sock)
        return super().getresponse()


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _Http


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _Https


class Wires:
    """The exchanges under way, and a thread that cuts those whose time is up."""

    def __init__(self) -> None:
        self._changed = Condition()
        #: When each is to be cut, on the monotonic clock.
        self._ends: dict[_Wire, float] = {}
        self._are_cut = False

    def guard(self, pool: PoolManager) -> PoolManager:
        """Make the connections of a new pool such that deadlines and :meth:`cut` reach them."""
        pool.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}
        Thread(target=self._watch, name="leanfeed-polygon-watch", daemon=True).start()
        return pool

    @contextmanager
    def exchange(self, deadline: float) -> Iterator[None]:
        """One request and its answer, cut after `deadline` seconds; for the current thread.

        Raises:
            StoppedError: all is cut; nothing was sent.
        """
        wire = _Wire()
        with self._changed:
            if self._are_cut:
                raise StoppedError
            self._ends[wire] = monotonic() + deadline
            self._changed.notify()
        token = _wire.set(wire)
        try:
            yield
        finally:
            _wire.reset(token)
            with self._changed:
                del self._ends[wire]
            wire.release()

    def cut(self) -> None:
        """End every exchange under way, and let none begin: its reader fails at once."""
        with self._changed:
            self._are_cut = True
            self._changed.notify()
            for wire in self._ends:
                wire.cut()

    def _watch(self) -> None:
        with self._changed:
            while not self._are_cut:
                now = monotonic()
                for wire in [wire for wire, end in self._ends.items() if end <= now]:
                    wire.cut()
                    self._ends[wire] = inf
                next_end = min(self._ends.values(), default=inf)
                self._changed.wait(None if next_end == inf else next_end - now)
