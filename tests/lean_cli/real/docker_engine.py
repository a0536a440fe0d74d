"""A Docker Engine on a unix socket, as far as `lean` speaks with one.

It runs one :data:`Program` in whatever container it is asked for; there are no images behind it.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from itertools import chain
from pathlib import Path
from socketserver import ThreadingUnixStreamServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

from tests.lean_cli.real.containers import Container, Program

__all__ = ["DockerEngine"]

_IMAGE = "quantconnect/lean:latest"
_DIGEST = "sha256:" + "ab" * 32
_DESCRIPTION = {
    "Id": "sha256:" + "cd" * 32,
    "RepoTags": [_IMAGE],
    "RepoDigests": [f"quantconnect/lean@{_DIGEST}"],
    "Config": {"Labels": {"target_framework": "net10.0", "lean_version": "17000"}},
    "Labels": {},
}
_VERSION = re.compile(r"^/v1\.\d+(?=/)")
_CONTAINER = re.compile(r"/containers/(\w+)(?:/(\w+))?")

#: HTTP status, and a value for JSON or a text.
Reply = tuple[int, Any]


class _Server(ThreadingUnixStreamServer):
    daemon_threads = True
    request_queue_size = 32


class DockerEngine:
    """Listens while its ``with`` block lasts; containers that run then are killed."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.has_image = True
        #: How long a container takes to start; it runs already while the client waits.
        self.start_seconds = 0.0
        #: Method and path of every request, without the version of the API.
        self.asked: list[tuple[str, str]] = []
        #: Every container that was ever created.
        self.created: list[Container] = []
        #: Those that were not removed, by id.
        self.containers: dict[str, Container] = {}
        # A socket's path may have 107 characters, fewer than pytest's folders.
        self._folder = Path(tempfile.mkdtemp(prefix="leanfeed-docker-"))
        self._server = _Server(str(self._folder / "docker.sock"), _handler(self))

    @property
    def address(self) -> str:
        """For ``DOCKER_HOST``."""
        return f"unix://{self._folder}/docker.sock"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for container in self.containers.values():
            container.killed.set()
        self._server.shutdown()
        self._server.server_close()
        shutil.rmtree(self._folder)

    @property
    def is_watched(self) -> bool:
        """Somebody reads the log of a container: from then on `lean` minds it."""
        return any(path.endswith("/logs") for _, path in self.asked)

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Reply:
        """The reply to everything but a container's log."""
        self.asked.append((method, path))
        match method, path:
            case _, "/_ping":
                return 200, "OK"
            case _, "/version":
                return 200, {"ApiVersion": "1.45", "MinAPIVersion": "1.24", "Version": "26.1.0"}
            case "GET", "/images/json":
                return 200, [_DESCRIPTION] if self.has_image else []
            case "GET", "/networks":
                return 200, []
            case "GET", "/containers/json":
                return 200, [
                    _listed(container)
                    for container in list(self.containers.values())
                    if query.get("all") == "1" or _is_running(container)
                ]
            case "GET", "/volumes":
                return 200, {"Volumes": []}
            case "POST", "/networks/create":
                return 201, {"Id": "net"}
            case "GET", "/networks/net":
                return 200, {"Id": "net", "Name": "lean_cli"}
            case "POST", "/volumes/create":
                return 201, {"Name": body["Name"], "Driver": "local", "Mountpoint": "/"}
            case "POST", "/containers/create":
                return self._create(query.get("name", ""), body)
        if path.startswith("/images/"):
            return (200, _DESCRIPTION) if self.has_image else _missing("No such image: " + _IMAGE)
        if path.startswith("/distribution/"):
            return 200, {"Descriptor": {"digest": _DIGEST}, "Platforms": []}
        container, action = self._find(path)
        if container is None:
            return _missing(f"No such container or page: {path}")
        if query.get("force") == "1" and _is_running(container):
            container.kill()
        return self._act(container, method, action)

    def log(self, path: str, query: dict[str, str]) -> Iterator[bytes] | None:
        """The frames of a container's log, if that is what `path` asks for."""
        container, action = self._find(path)
        if container is None or action != "logs":
            return None
        self.asked.append(("GET", path))
        return container.frames(skip_past=query.get("tail") == "0")

    def _create(self, name: str, body: Any) -> Reply:
        if not self.has_image:
            return _missing("No such image: " + _IMAGE)
        container = Container(name, body, self.program)
        self.created.append(container)
        self.containers[container.id] = container
        return 201, {"Id": container.id, "Warnings": []}

    def _find(self, path: str) -> tuple[Container | None, str]:
        match = _CONTAINER.fullmatch(path)
        return (self.containers.get(match[1]), match[2] or "") if match else (None, "")

    def _act(self, container: Container, method: str, action: str) -> Reply:
        match method, action:
            case "POST", "start":
                container.start()
                time.sleep(self.start_seconds)
                return 204, ""
            case "POST", "kill" | "stop":
                container.kill()
                return 204, ""
            case "POST", "wait":
                return 200, {"StatusCode": container.wait()}
            case "DELETE", "":
                if _is_running(container):
                    return 409, {"message": "You cannot remove a running container"}
                self.containers.pop(container.id, None)
                return 204, ""
        return 200, _inspected(container)


def _is_running(container: Container) -> bool:
    return container.is_started and container.exit_code is None


def _listed(container: Container) -> dict[str, Any]:
    return {
        "Id": container.id,
        "Names": [f"/{container.name}"],
        "State": "running" if _is_running(container) else "exited",
        "Mounts": [
            {"Type": "bind", "Source": source, "Destination": target}
            for target, source in container.mounted.items()
        ],
    }


def _inspected(container: Container) -> dict[str, Any]:
    is_running = container.exit_code is None
    return {
        "Id": container.id,
        "Name": f"/{container.name}",
        "State": {
            "Status": "running" if is_running else "exited",
            "Running": is_running,
            "ExitCode": container.exit_code or 0,
        },
        "Config": {"Tty": False, "Image": _IMAGE, "Labels": {}},
        "HostConfig": {"LogConfig": {"Type": "json-file"}},
        "Image": _DESCRIPTION["Id"],
    }


def _missing(what: str) -> Reply:
    return 404, {"message": what}


def _handler(engine: DockerEngine) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _reply(self) -> None:
            with suppress(ConnectionError):  # whoever asked was stopped
                self._exchange()

        def _exchange(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            url = urlsplit(self.path)
            path = _VERSION.sub("", unquote(url.path))
            query = {name: values[-1] for name, values in parse_qs(url.query).items()}
            frames = engine.log(path, query)
            if frames is not None:
                self._stream(frames)
                return
            status, value = engine.answer(
                self.command, path, query, json.loads(content) if content else None
            )
            body = value.encode() if isinstance(value, str) else json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Api-Version", "1.45")
            self.send_header("Content-Type", "application/json")
            if status != 204:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if status != 204 and self.command != "HEAD":
                self.wfile.write(body)

        def _stream(self, frames: Iterator[bytes]) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/vnd.docker.raw-stream")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for chunk in chain(frames, (b"",)):
                self.wfile.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))

        do_GET = do_HEAD = do_POST = do_DELETE = _reply  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler
