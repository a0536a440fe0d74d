"""A close look at what the Lean CLI needs: Docker and a login. Nothing is started for it."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path
from urllib.parse import urlsplit

from leanfeed.interfaces import Finding

__all__ = ["docker", "login"]

_SOCKET = "npipe:////./pipe/docker_engine" if os.name == "nt" else "unix:///var/run/docker.sock"
_TLS_PORT = 2376
_PATIENCE = 2.0
_ADVICE = "start Docker, or say in DOCKER_HOST where it listens"


def docker() -> Finding:
    """Whether a Docker Engine answers where the Lean CLI looks for it, within two seconds."""
    address = os.environ.get("DOCKER_HOST") or _SOCKET
    url = urlsplit(address)
    if url.scheme not in ("unix", "tcp", "http"):
        return Finding("Docker", True, f"{url.scheme} is not looked at")
    try:
        with _connected(address) as connection:
            if os.environ.get("DOCKER_TLS_VERIFY"):
                return Finding("Docker", True, f"something listens at {address}")
            connection.sendall(b"GET /_ping HTTP/1.0\r\nHost: docker\r\n\r\n")
            answer = connection.recv(64)
    except (OSError, ValueError) as error:
        return Finding("Docker", False, f"no answer at {address} ({error}): {_ADVICE}")
    if not answer.startswith(b"HTTP/1.") or answer.split()[1:2] != [b"200"]:
        return Finding("Docker", False, f"what listens at {address} is not Docker: {_ADVICE}")
    return Finding("Docker", True, f"answers at {address}")


def login() -> Finding:
    """Whether ``lean login`` left credentials; whether they are good only QuantConnect knows."""
    advice = "run `lean login`"
    try:
        path = Path.home() / ".lean" / "credentials"
        values = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Finding("login", False, f"not logged in to QuantConnect: {advice}")
    except (OSError, RuntimeError, ValueError) as error:
        return Finding("login", False, f"the credentials cannot be read ({error}): {advice}")
    if not isinstance(values, dict) or not (values.get("user-id") and values.get("api-token")):
        return Finding("login", False, f"{path} lacks the user id or the token: {advice}")
    return Finding("login", True, f"credentials in {path}")


def _connected(address: str) -> socket.socket:
    url = urlsplit(address)
    if url.scheme == "unix":
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(_PATIENCE)
        try:
            connection.connect(url.netloc + url.path)
        except OSError:
            connection.close()
            raise
        return connection
    return socket.create_connection((url.hostname or "", url.port or _TLS_PORT - 1), _PATIENCE)
