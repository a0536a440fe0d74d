"""The stand-ins themselves, where a test of `lean` would not show that they are wrong."""

from __future__ import annotations

import os
import select
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.lean_cli.real.quantconnect_api import PORT, QuantConnectApi, port_lock

pytestmark = pytest.mark.slow

_ROOT = Path(__file__).parents[3]
_OTHER_RUN = """
from tests.lean_cli.real.quantconnect_api import port_lock
input()
print("asks", flush=True)
with port_lock():
    print("has it", flush=True)
"""


def test_a_port_in_use_is_waited_for_and_named() -> None:
    with port_lock(), socket.create_server(("127.0.0.1", PORT)) as squatter:
        with pytest.raises(RuntimeError, match=f"Port {PORT} cannot be used"):
            QuantConnectApi(patience=0.2)
        threading.Timer(0.5, squatter.close).start()
        with QuantConnectApi():
            pass


def test_two_runs_have_the_port_one_after_the_other() -> None:
    path = os.pathsep.join((str(_ROOT), os.environ.get("PYTHONPATH", "")))
    with subprocess.Popen(
        [sys.executable, "-c", _OTHER_RUN],
        env={**os.environ, "PYTHONPATH": path},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as other:
        assert other.stdin
        assert other.stdout
        with port_lock():
            other.stdin.write(b"\n")
            other.stdin.flush()
            assert other.stdout.readline() == b"asks\n"
            assert not select.select([other.stdout], [], [], 0.5)[0]
        assert other.stdout.readline() == b"has it\n"
