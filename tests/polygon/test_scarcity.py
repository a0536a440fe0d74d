"""A run works, or ends typed, where files and memory are scarce, and in a forked process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import build
from tests.polygon_server import PolygonServer, synthetic

_ROOT = Path(__file__).parents[2]
_YEAR = build.sessions("2023-01-03", "2023-12-29")
_TICKERS = [f"T{number}" for number in range(4)]
_MARKET = {(ticker, "minute"): synthetic(_YEAR, density=0.01) for ticker in _TICKERS}

_HEAD = f"""
import json, os, resource, sys, threading
folder, most_files, most_memory = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
import leanfeed

def run(folder):
    report = leanfeed.ensure({",".join(_TICKERS)!r}, resolution="minute", data_folder=folder,
                             start="{_YEAR[0]}", end="{_YEAR[-1]}", config=os.devnull)
    return [report.complete, [failure.error for failure in report.failures]]
"""
_LIMITED = """
if most_files:
    resource.setrlimit(resource.RLIMIT_NOFILE, (most_files, most_files))
if most_memory:
    resource.setrlimit(resource.RLIMIT_AS, (most_memory, most_memory))
print(json.dumps(run(folder)))
"""
_FORKED = """
heard = []
working = threading.Thread(target=lambda: heard.append(run(folder + "/parent")))
working.start()
sys.stdin.readline()
child = os.fork()
if not child:
    print(json.dumps(run(folder + "/child")), flush=True)
    os._exit(0)
_, status = os.waitpid(child, 0)
working.join()
print(json.dumps([status, *heard]))
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps to all of these limits"),
]


def started(server: PolygonServer, code: str, *arguments: object) -> subprocess.Popen[str]:
    folders = (str(_ROOT), str(_ROOT / "plugins"), os.environ.get("PYTHONPATH", ""))
    return subprocess.Popen(
        [sys.executable, "-c", _HEAD + code, *map(str, arguments)],
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(filter(None, folders)),
            "OPENBLAS_NUM_THREADS": "1",
            "POLYGON_API_KEY": server.key,
            "POLYGON_BASE_URL": server.url,
            "LEANFEED_POLYGON_RETRY_PAUSE": "0",
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize(("files", "megabytes"), [(64, 0), (0, 512), (64, 512)])
def test_64_files_and_512_mb_are_enough(tmp_path: Path, files: int, megabytes: int) -> None:
    with PolygonServer(_MARKET, latency=0.05) as server:
        child = started(server, _LIMITED, tmp_path, files, megabytes * 2**20)
        output, errors = child.communicate(timeout=60)
        assert server.most_in_flight > 1
    assert errors == ""
    assert json.loads(output) == [True, []]


@pytest.mark.parametrize(("files", "megabytes"), [(12, 0), (16, 0), (20, 0), (0, 300), (0, 360)])
def test_too_little_of_them_ends_typed(tmp_path: Path, files: int, megabytes: int) -> None:
    with PolygonServer(_MARKET) as server:
        child = started(server, _LIMITED, tmp_path, files, megabytes * 2**20)
        output, errors = child.communicate(timeout=100)
    if child.returncode:
        assert errors.splitlines()[-1].startswith(("leanfeed.errors.", "MemoryError")), errors
    else:
        _, failures = json.loads(output)
        assert set(failures) <= {"UnavailableError", "ContractError"}
    assert list(tmp_path.rglob("*.tmp")) == []


def test_process_that_is_forked_while_requests_are_under_way_works(tmp_path: Path) -> None:
    with PolygonServer(_MARKET, latency=0.3) as server:
        child = started(server, _FORKED, tmp_path, 0, 0)
        assert child.stdin
        while len(server.seen) < 5:
            assert child.poll() is None
        child.stdin.write("\n")
        output, errors = child.communicate(timeout=60)
    ends: list[Any] = [json.loads(line) for line in output.splitlines()]
    assert ends == [[True, []], [0, [True, []]]], errors
    assert server.most_in_flight <= 10
