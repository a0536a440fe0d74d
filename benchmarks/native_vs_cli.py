"""``leanfeed bench`` with stand-ins for everything outside this machine.

    python -m benchmarks.native_vs_cli --repeats 3 --out result.json

Polygon is ``tests/polygon_server.py``. The Lean CLI is a fake, or with LEANFEED_LEAN_COMMAND the
real one with stand-ins for QuantConnect and Docker; that wants LEAN's metadata (``--data-folder``).
The arguments are those of ``leanfeed bench``, but for the window, which is 2024-07-02, SPY, minute.
"""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from leanfeed.bars import Bars
from leanfeed.lean.market_hours import market_hours
from leanfeed.values import Resolution, Symbol
from tests.lean_cli import fake_container
from tests.lean_cli.fakes import FakeLean
from tests.lean_cli.real.docker_engine import DockerEngine
from tests.lean_cli.real.downloader import Downloader
from tests.lean_cli.real.market import traded
from tests.lean_cli.real.quantconnect_api import ORGANIZATION, QuantConnectApi, port_lock
from tests.lean_cli.real.workspace import Workspace
from tests.polygon_server import PolygonServer, from_lean

__all__ = ["DAY", "KEY", "TICKER", "main", "stand_ins"]

TICKER, DAY = "SPY", dt.date(2024, 7, 2)
KEY = "a-key-only-for-tests"
_NEIGHBOURS = dt.timedelta(days=3)


@contextmanager
def stand_ins(folder: Path, lean: Path | None = None) -> Iterator[dict[str, str]]:
    """The environment in which both sources meet stand-ins that have the same bars.

    Args:
        folder: an empty one for whatever they keep.
        lean: the real executable; None for the fake.
    """
    source = _real(folder, lean) if lean else _fake(folder)
    with (
        source as (bars, environment),
        PolygonServer({(TICKER, "minute"): bars}, key=KEY) as server,
    ):
        yield {
            **environment,
            "POLYGON_API_KEY": KEY,
            "POLYGON_BASE_URL": server.url,
            "LEANFEED_LEAN_CLI_API_KEY": KEY,
            "LEANFEED_LEAN_CLI_ORGANIZATION": ORGANIZATION,
        }


@contextmanager
def _fake(folder: Path) -> Iterator[tuple[Bars, dict[str, str]]]:
    fake = FakeLean(folder / "fake")
    fake.install()
    market, window = folder / "market", (DAY - _NEIGHBOURS, DAY + _NEIGHBOURS)
    fake_container.download(market, TICKER, "minute", *window, fake_container.TRADED)
    bars = from_lean(market)[TICKER, "minute"]
    yield bars, _command(fake.command, fake.staging)


@contextmanager
def _real(folder: Path, lean: Path) -> Iterator[tuple[Bars, dict[str, str]]]:
    (session,) = market_hours(Symbol(TICKER)).sessions(DAY, DAY)
    bars = traded(TICKER, Resolution.MINUTE, session)
    downloader = Downloader(key=KEY)
    with port_lock(), QuantConnectApi(), DockerEngine(downloader) as docker:
        workspace = Workspace(folder / "workspace", lean, docker.address, KEY)
        yield bars, {**workspace.environment, **_command(lean, workspace.temporary)}


def _command(lean: Path, staging: Path) -> dict[str, str]:
    return {
        "LEANFEED_LEAN_CLI_COMMAND": str(lean),
        "LEANFEED_LEAN_CLI_STAGING_FOLDER": str(staging),
    }


def main(arguments: list[str]) -> int:
    """Run the command with stand-ins, and return its exit code."""
    lean = os.environ.get("LEANFEED_LEAN_COMMAND")
    window = (TICKER, "--start", DAY.isoformat(), "--stand-in")
    with (
        tempfile.TemporaryDirectory() as folder,
        stand_ins(Path(folder), Path(lean) if lean else None) as environment,
    ):
        argv = [sys.executable, "-m", "leanfeed", "bench", *window, *arguments]
        return subprocess.run(argv, env={**os.environ, **environment}).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
