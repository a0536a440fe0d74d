"""A proxy that connects everybody to one server, or refuses to."""

from __future__ import annotations

import select
import socket
import threading
from contextlib import suppress
from typing import Self

__all__ = ["ProxyServer"]


class ProxyServer:
    """Speaks HTTP's CONNECT, and passes on what asks for an address in full."""

    def __init__(self, port: int, *, status: int = 200) -> None:
        self._upstream = ("127.0.0.1", port)
        self._status = status
        #: The head of each request.
        self.heads: list[str] = []
        #: All that clients sent.
        self.bytes_seen = b""
        self._server = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._server.getsockname()[1]}"

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
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                head += client.recv(1)
            self.heads.append(head.decode())
            self.bytes_seen += head
            is_tunnel = head.startswith(b"CONNECT ")
            if is_tunnel or self._status != 200:
                client.sendall(b"HTTP/1.1 %d so be it\r\nContent-Length: 0\r\n\r\n" % self._status)
            if self._status != 200:
                return
            with socket.create_connection(self._upstream) as server:
                if not is_tunnel:
                    server.sendall(head)
                self._relay(client, server)

    def _relay(self, client: socket.socket, server: socket.socket) -> None:
        while True:
            ready, _, _ = select.select((client, server), (), (), 10)
            for source in ready:
                data = source.recv(2**16)
                if not data:
                    return
                if source is client:
                    self.bytes_seen += data
                (server if source is client else client).sendall(data)
