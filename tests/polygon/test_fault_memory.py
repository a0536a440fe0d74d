"""However much a server sends, a run takes in little."""

from __future__ import annotations

import gzip
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from leanfeed_polygon.windows import PAGE_LIMIT
from tests.polygon.faults import BY_NAME
from tests.polygon.faults.bodies import bomb
from tests.polygon.faults.kind import UNTRUE, Culprit, Kind, Mode, Scene
from tests.polygon.replies import Reply
from tests.polygon.test_fault_campaign import MARKET, SESSIONS
from tests.polygon_server import PolygonServer

_ROOT = Path(__file__).parents[2]
_MOST = 400 * 2**20
#: Tells the most memory that its process ever had, which is not what a parent had before it.
_RUN = f"""
import leanfeed, pathlib, sys
report = leanfeed.ensure(["SPY", "BRK.B"], resolution="minute,daily", data_folder=sys.argv[1],
                         start="{SESSIONS[0]}", end="{SESSIONS[-1]}")
(kilobytes,) = [line.split()[1] for line in pathlib.Path("/proc/self/status").open()
                if line.startswith("VmHWM:")]
print(kilobytes, report.complete)
"""


def _then_600_mb(head: bytes) -> Callable[[socket.socket], None]:
    def send(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 650000000\r\n" + head)
        with suppress(OSError):  # it is not taken in
            for _ in range(600):
                connection.sendall(b" " * 2**20)

    return send


def _gzip_without_end(scene: Scene) -> Reply:
    head = b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(scene.body)
    return Reply(take_over=_then_600_mb(head))


def _rows(count: int) -> Reply:
    rows = b",".join([b'{"t":1,"o":1,"h":1,"l":1,"c":1,"v":1}'] * count)
    head = b'{"status":"OK","ticker":"SPY","resultsCount":%d,"results":[' % count
    return Reply(body=gzip.compress(head + rows + b"]}", 1), headers={"Content-Encoding": "gzip"})


_KINDS = [
    Kind("a gzip bomb of 600 MB", Reply(200, bomb(600), {"Content-Encoding": "gzip"}), UNTRUE),
    Kind("a body of 600 MB", Reply(take_over=_then_600_mb(b"\r\n")), UNTRUE),
    Kind("600 MB behind the end of gzip", _gzip_without_end, UNTRUE),
    Kind("eight times the rows of a page", _rows(8 * PAGE_LIMIT), UNTRUE),
    BY_NAME["next_url: for ever a minute on"],
]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what a process had at most")
@pytest.mark.parametrize("kind", _KINDS, ids=lambda kind: kind.name)
def test_memory_is_bounded(kind: Kind, tmp_path: Path) -> None:
    with PolygonServer(MARKET) as server:
        server.faults.append(Culprit(kind, Mode.ALWAYS, "http://other.example"))
        folders = (str(_ROOT), str(_ROOT / "plugins"), os.environ.get("PYTHONPATH", ""))
        done = subprocess.run(
            [sys.executable, "-c", _RUN, str(tmp_path / "data")],
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(filter(None, folders)),
                "POLYGON_API_KEY": server.key,
                "POLYGON_BASE_URL": server.url,
                "LEANFEED_POLYGON_RETRY_PAUSE": "0",
            },
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert done.stderr == ""
    kilobytes, complete = done.stdout.split()
    assert complete == "False"
    assert int(kilobytes) * 1024 < _MOST
