"""The Docker Engine that the Lean CLI speaks with: how to reach it, and what was left running."""

from __future__ import annotations

import json
import os
import socket
import time
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

__all__ = ["address", "connected", "remove_containers"]

_SOCKET = "npipe:////./pipe/docker_engine" if os.name == "nt" else "unix:///var/run/docker.sock"
_PORT = 2375

#: Seconds for all of a removal: a run that is stopped waits for it.
_PATIENCE = 0.9
#: Seconds until the second look: the engine may be about to make what the Lean CLI asked for.
_AGAIN_AFTER = 0.3
#: HTTP statuses of a container that is gone, or going.
_GONE = (200, 204, 404, 409)


def address() -> str:
    """Where the Lean CLI looks for the engine, as in ``DOCKER_HOST``."""
    return os.environ.get("DOCKER_HOST") or _SOCKET


def connected(address: str, *, seconds: float) -> socket.socket:
    """A connection to an engine at a unix socket or over TCP, which waits so long for an answer.

    Raises:
        OSError: nobody listens there.
        ValueError: the address has no such port.
    """
    url = urlsplit(address)
    if url.scheme == "unix":
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(seconds)
        try:
            connection.connect(url.netloc + url.path)
        except OSError:
            connection.close()
            raise
        return connection
    return socket.create_connection((url.hostname or "", url.port or _PORT), seconds)


def remove_containers(folder: Path) -> bool:
    """Remove the containers in which a folder is mounted; whether none is left for sure.

    Takes less than a second. Only an engine on a unix socket is asked. A container is recognised by
    the source of its mount, never by its name: others run containers with names like it.
    """
    engine = address()
    if urlsplit(engine).scheme != "unix":
        return False
    deadline = time.monotonic() + _PATIENCE
    try:
        is_gone = _removed(engine, folder, deadline)
        time.sleep(_AGAIN_AFTER)
        return _removed(engine, folder, deadline) and is_gone
    except (OSError, HTTPException, ValueError, LookupError, AttributeError):
        return False


def _removed(engine: str, folder: Path, deadline: float) -> bool:
    status, containers = _asked(engine, "GET", "/containers/json?all=1", deadline)
    if status != 200 or not isinstance(containers, list):
        return False
    found = [c["Id"] for c in containers if _has_mounted(c, folder)]
    statuses = [_asked(engine, "DELETE", f"/containers/{i}?force=1", deadline)[0] for i in found]
    return all(status in _GONE for status in statuses)


def _has_mounted(container: dict[str, Any], folder: Path) -> bool:
    """Whether the folder is mounted; Docker Desktop puts a path of its own before the host's."""
    sources = (str(mount.get("Source")) for mount in container.get("Mounts") or ())
    return any(source.endswith(str(folder)) for source in sources)


def _asked(engine: str, method: str, path: str, deadline: float) -> tuple[int, Any]:
    """The status and, of a reading request, the JSON that it answers with."""
    seconds = max(deadline - time.monotonic(), 0.01)
    connection = HTTPConnection("docker")
    try:
        connection.sock = connected(engine, seconds=seconds)
        connection.request(method, path, headers={"Connection": "close"})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read()) if method == "GET" else None
    finally:
        connection.close()
