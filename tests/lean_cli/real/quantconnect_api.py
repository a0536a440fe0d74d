"""QuantConnect's API on the one port where `lean` looks for a local one.

With ``QC_API=local`` in its environment the real command speaks to port 5612 and nowhere else, so
only one test of a machine can have it at a time: :func:`port_lock` makes the others wait.
"""

from __future__ import annotations

import errno
import hashlib
import json
import tempfile
import threading
import time
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from zipfile import ZipFile

from filelock import FileLock, Timeout

__all__ = ["ORGANIZATION", "PORT", "TOKEN", "USER", "QuantConnectApi", "port_lock"]

PORT = 5612
USER = "1234"
TOKEN = "a-token-only-for-tests"
ORGANIZATION = "0123456789abcdef0123456789abcdef"

_PATIENCE = 90.0
_PREFIX = "/api/v2/"
_SPECIFICATION = {
    "data-types": ["Trade", "Quote"],
    "resolutions": ["Tick", "Second", "Minute", "Hour", "Daily"],
    "security-types": ["Equity", "Option", "Index", "IndexOption"],
    "markets": ["USA"],
}
_MEMBER = {"id": int(USER), "name": "Test", "email": "", "isAdmin": True}
_ORGANIZATION = {
    "id": ORGANIZATION,
    "name": "Test",
    "seats": 1,
    "type": "Trading Firm",
    "credit": {"movements": [], "balance": 0},
    "products": [],
    "data": {"signedTime": 1, "current": True},
    "members": [_MEMBER],
}


@contextmanager
def port_lock() -> Iterator[None]:
    """Keep the port from all other tests of this machine that ask in the same way."""
    lock = FileLock(Path(tempfile.gettempdir()) / f"leanfeed-tests-port-{PORT}.lock")
    try:
        with lock.acquire(timeout=_PATIENCE):
            yield
    except Timeout:
        raise RuntimeError(
            f"Another test run has had port {PORT} for {_PATIENCE:.0f} s: wait for its end."
        ) from None


class QuantConnectApi:
    """Answers as far as `lean data download` asks, while its ``with`` block lasts.

    It believes the user and the token above, and no others. The attributes make it misbehave.
    Waits for a port that is in use; `patience` is in seconds.
    """

    def __init__(self, *, patience: float = 10.0) -> None:
        #: The organization pays for the Polygon module.
        self.is_subscribed = True
        #: Every answer is HTTP 500 without a body.
        self.is_broken = False
        #: Requests are taken and never answered.
        self.is_silent = False
        #: The paths asked for, without the version of the API.
        self.asked: list[str] = []
        self._closed = threading.Event()
        self._server = _bound(_handler(self), patience)
        self._server.daemon_threads = True

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closed.set()
        self._server.shutdown()
        self._server.server_close()

    def answer(self, path: str, authorization: str, timestamp: str) -> tuple[int, bytes]:
        """HTTP status and body."""
        self.asked.append(path)
        if self.is_silent:
            self._closed.wait()
        if self.is_broken:
            return 500, b""
        if path == "/polygon.json":
            return _json({"module-specification": {"download": _SPECIFICATION}})
        if path == "/package":
            return 200, _package()
        user, _, digest = b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
        if user != USER:
            return _refused("UserID not valid")
        if digest != hashlib.sha256(f"{TOKEN}:{timestamp}".encode()).hexdigest():
            return _refused("Hash doesn't match. Please check your API token.")
        match path:
            case "organizations/read":
                return _json({"success": True, "organization": _ORGANIZATION})
            case "modules/list" if not self.is_subscribed:
                return _refused("Module subscription not found, please update your preferences")
            case "modules/list":
                return _json({"success": True, "files": [f"{_PACKAGE}.2.5.17000.nupkg"]})
            case "modules/read":
                return _json({"success": True, "url": f"http://localhost:{PORT}/package"})
            case _:
                return _json({"success": True})


_PACKAGE = "QuantConnect.DataSource.Polygon"


def _bound(handler: type[BaseHTTPRequestHandler], patience: float) -> ThreadingHTTPServer:
    """A server on the port, as soon as whoever has it lets go."""
    deadline = time.monotonic() + patience
    while True:
        try:
            return ThreadingHTTPServer(("127.0.0.1", PORT), handler)
        except OSError as error:
            if error.errno != errno.EADDRINUSE or time.monotonic() > deadline:
                raise RuntimeError(
                    f"Port {PORT} cannot be used ({error.strerror}): `lean` looks for a local API "
                    "there and nowhere else, so stop the program that has it."
                ) from error
        time.sleep(0.1)


def _json(value: Any) -> tuple[int, bytes]:
    return 200, json.dumps(value).encode()


def _refused(reason: str) -> tuple[int, bytes]:
    return _json({"success": False, "errors": [reason]})


def _package() -> bytes:
    buffer = BytesIO()
    with ZipFile(buffer, "w") as archive:
        archive.writestr(f"{_PACKAGE}.nuspec", "<package/>")
    return buffer.getvalue()


def _handler(api: QuantConnectApi) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _reply(self) -> None:
            with suppress(ConnectionError):  # whoever asked was stopped
                self._exchange()

        def _exchange(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, body = api.answer(
                self.path.partition("?")[0].removeprefix(_PREFIX),
                self.headers.get("Authorization", ""),
                self.headers.get("Timestamp", ""),
            )
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = _reply  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler
