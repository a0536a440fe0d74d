"""A wire to a server that fails on purpose, and remembers what was asked."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Self
from urllib.parse import urlsplit

from attrs import frozen

__all__ = ["Asked", "Fault", "Wire"]

_HEAD_END = b"\r\n\r\n"


@frozen
class Asked:
    """One request."""

    method: str
    target: str
    headers: dict[str, str]

    @property
    def is_list(self) -> bool:
        return "list-type=2" in self.target

    @property
    def first_byte(self) -> int:
        """Where the range begins that was asked for."""
        match = re.match(r"bytes=(\d+)-", self.headers.get("range", ""))
        return int(match[1]) if match else 0


@frozen
class Fault:
    """What becomes of an answer."""

    #: Bytes of the body that pass before anything happens.
    after: int = 0
    #: Close the connection then.
    drops: bool = False
    #: Say nothing more then, for so many seconds.
    stalls: float = 0.0
    #: Bytes a second from the start; 0: as fast as they come.
    rate: int = 0
    #: Say that it is the whole where a part was asked for.
    ignores_range: bool = False
    #: Answer with this in the server's place.
    status: int = 0
    code: str = "AccessDenied"


class Wire:
    """Stands in front of a server. `fault` says of each request what is to happen to it."""

    def __init__(
        self, url: str, fault: Callable[[Asked], Fault | None] = lambda asked: None
    ) -> None:
        address = urlsplit(url)
        self._upstream = (str(address.hostname), int(address.port or 0))
        self.fault = fault
        self.asked: list[Asked] = []
        #: Bytes of bodies that were passed on.
        self.passed = 0
        self._lock = threading.Lock()
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}"

    @property
    def gets(self) -> list[Asked]:
        """Requests for objects."""
        return [asked for asked in self.asked if not asked.is_list]

    def __enter__(self) -> Self:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()

    def _serve(self) -> None:
        with suppress(OSError):  # it is closed
            while True:
                client, _ = self._server.accept()
                threading.Thread(target=self._work, args=(client,), daemon=True).start()

    def _work(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            head = _head(client)
            if not head:
                return
            first, *lines = head.decode("latin-1").split("\r\n")
            method, target, _ = first.split(" ", 2)
            pairs = (line.partition(": ") for line in lines if line)
            asked = Asked(method, target, {name.lower(): value for name, _, value in pairs})
            with self._lock:
                self.asked.append(asked)
            self._answer(client, head, self.fault(asked) or Fault())

    def _answer(self, client: socket.socket, head: bytes, fault: Fault) -> None:
        if fault.status:
            body = f"<Error><Code>{fault.code}</Code><Message>So be it.</Message></Error>".encode()
            reply = f"HTTP/1.1 {fault.status} So Be It\r\nConnection: close\r\n"
            client.sendall(f"{reply}Content-Length: {len(body)}\r\n\r\n".encode() + body)
            return
        with socket.create_connection(self._upstream) as server:
            server.sendall(head[:-2] + b"Connection: close\r\n\r\n")
            reply_head = _head(server)
            if fault.ignores_range:  # the range is signed, so it is the answer that is altered
                reply_head = re.sub(rb"^HTTP/1.1 206[^\r]*", b"HTTP/1.1 200 OK", reply_head)
            # One request a connection: so each has a place of its own among the faults.
            client.sendall(re.sub(rb"(?i)\r\nconnection: [^\r]*", b"", reply_head)[:-2])
            client.sendall(b"Connection: close\r\n\r\n")
            self._pass_on(server, client, fault)

    def _pass_on(self, server: socket.socket, client: socket.socket, fault: Fault) -> None:
        passed = 0
        is_faulty = fault.drops or fault.stalls > 0
        while True:
            room = fault.after - passed if is_faulty else 2**16
            if room <= 0:
                if fault.drops:
                    # A reset, as of a cable that was cut: what is still to come is gone.
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                    time.sleep(0.05)
                    return
                time.sleep(fault.stalls)
                is_faulty = False
                continue
            data = server.recv(min(room, 2**16, max(fault.rate // 20, 1) if fault.rate else 2**16))
            if not data:
                return
            client.sendall(data)
            passed += len(data)
            with self._lock:
                self.passed += len(data)
            if fault.rate:
                time.sleep(len(data) / fault.rate)


def _head(connection: socket.socket) -> bytes:
    head = b""
    while not head.endswith(_HEAD_END):
        byte = connection.recv(1)
        if not byte:
            return b""
        head += byte
    return head
