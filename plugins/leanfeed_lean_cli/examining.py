"""A close look at what the Lean CLI needs: Docker and a login. Nothing is started for it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from urllib.parse import urlsplit

from leanfeed.interfaces import Finding
from leanfeed_lean_cli import engine

__all__ = ["docker", "login"]

_PATIENCE = 2.0
_ADVICE = "start Docker, or say in DOCKER_HOST where it listens"


def docker() -> Finding:
    """Whether a Docker Engine answers where the Lean CLI looks for it, within two seconds."""
    address = engine.address()
    scheme = urlsplit(address).scheme
    if scheme not in ("unix", "tcp", "http"):
        return Finding("Docker", True, f"{scheme} is not looked at")
    try:
        with engine.connected(address, seconds=_PATIENCE) as connection:
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
