"""S3 servers for the tests: OpenStack Swift, or moto's where Swift cannot run."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import obstore
from attrs import define, field
from obstore.store import S3Store

from leanfeed.secret import Secret
from leanfeed_flatfiles.data_types import DataType
from leanfeed_flatfiles.store import Store

__all__ = ["Bucket", "moto", "swift"]

#: Where the test server is chosen by hand: ``swift`` or ``moto``.
CHOICE = "LEANFEED_TEST_S3"
_BOOT = 60.0


@define
class Bucket:
    """A bucket of a real server, and the keys to it."""

    url: str
    #: ``swift`` checks signatures; ``moto`` believes any.
    kind: str
    name: str = "flatfiles"
    access_key_id: str = "test:tester"
    secret_access_key: str = "testing"
    _client: Any = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self._client = S3Store(
            self.name,
            endpoint=self.url,
            region="us-east-1",
            access_key_id=self.access_key_id,
            secret_access_key=self.secret_access_key,
            client_options={"allow_http": True},
        )
        address = obstore.sign(self._client, "PUT", "", timedelta(minutes=5))
        with contextlib.suppress(urllib.error.HTTPError):  # it is there
            urllib.request.urlopen(urllib.request.Request(address, method="PUT")).close()

    def put(self, key: str, content: bytes, *, parts: bool = False) -> str:
        """Put an object, be it in parts; its ETag."""
        options: dict[str, Any] = {"use_multipart": parts}
        if parts:
            options |= {"chunk_size": 5 * 1024 * 1024, "max_concurrency": 1}
        return str(obstore.put(self._client, key, content, **options)["e_tag"])

    def put_days(self, data_type: DataType, contents: dict[str, bytes]) -> None:
        """Put the files of some dates."""
        for date, content in contents.items():
            self.put(f"{data_type.prefix}/{date[:4]}/{date[5:7]}/{date}.csv.gz", content)

    def empty(self) -> None:
        """Delete everything."""
        for page in obstore.list(self._client):
            obstore.delete(self._client, [meta["path"] for meta in page])

    def store(self, **changes: Any) -> Store:
        """The bucket as the plugin sees it."""
        defaults: dict[str, Any] = {
            "endpoint": self.url,
            "bucket": self.name,
            "access_key_id": Secret(self.access_key_id),
            "secret_access_key": Secret(self.secret_access_key),
            "stall": 20.0,
        }
        return Store(**(defaults | changes))

    def settings(self, **changes: Any) -> dict[str, Any]:
        """Settings of the source for it."""
        defaults: dict[str, Any] = {
            "endpoint": self.url,
            "bucket": self.name,
            "access_key_id": self.access_key_id,
            "secret_access_key": self.secret_access_key,
            "retry_pause": 0.01,
        }
        return defaults | changes


@contextlib.contextmanager
def swift(folder: Path, *, ahead: float = 0) -> Iterator[str]:
    """The address of a Swift that keeps everything in the folder; its clock may be ahead.

    Raises:
        RuntimeError: it cannot run here.
    """
    if importlib.util.find_spec("swift") is None:
        raise RuntimeError("Swift is not installed.")
    port = _free_port()
    script = Path(__file__).with_name("swift_server.py")
    command = [sys.executable, "-W", "ignore", str(script), str(folder), str(port), str(ahead)]
    with (folder / "log").open("wb") as log, _running(command, log) as server:
        assert server.stdout is not None
        if server.stdout.readline() != b"ready\n":
            raise RuntimeError(f"Swift did not start: {(folder / 'log').read_text()[-2000:]}")
        yield f"http://127.0.0.1:{port}"


@contextlib.contextmanager
def moto(folder: Path) -> Iterator[str]:
    """The address of moto's server, which keeps everything in memory.

    Raises:
        RuntimeError: it cannot run here.
    """
    if importlib.util.find_spec("moto") is None:
        raise RuntimeError("moto is not installed.")
    port = _free_port()
    command = [
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "moto.server",
        "-H",
        "127.0.0.1",
        "-p",
        str(port),
    ]
    with (folder / "log").open("wb") as log, _running(command, log):
        url = f"http://127.0.0.1:{port}"
        until = time.monotonic() + _BOOT
        while True:
            try:
                urllib.request.urlopen(url, timeout=5).close()
            except OSError:
                if time.monotonic() > until:
                    raise RuntimeError("moto did not start.") from None
                time.sleep(0.05)
            else:
                break
        yield url


@contextlib.contextmanager
def _running(command: list[str], log: Any) -> Iterator[subprocess.Popen[bytes]]:
    server = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        start_new_session=True,
    )
    try:
        yield server
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.communicate()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])
