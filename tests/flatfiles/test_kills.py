"""Processes that are killed, stopped, or at work on the same files."""

from __future__ import annotations

import gzip
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import leanfeed
from leanfeed_flatfiles.data_types import DataType
from tests.flatfiles.made_files import HEADER, row
from tests.flatfiles.market import put_days
from tests.flatfiles.servers import Bucket, swift
from tests.flatfiles.wire import Asked, Fault, Wire

pytestmark = pytest.mark.slow

DAY = "2024-06-03"
MINUTE = DataType.STOCKS_MINUTE


@pytest.fixture
def large(bucket: Bucket) -> int:
    """A file of some megabytes, of two stocks and many that nobody asks for; its size."""
    chance = random.Random(3)
    rows = [row(ticker, f"09:{minute}") for ticker in ("AAA", "BBB") for minute in range(30, 60)]
    rows += [f"ZZ{i},{chance.random()},1,1,1,1,1717421400000000000,1" for i in range(160_000)]
    content = gzip.compress("\n".join((HEADER, *rows, "")).encode())
    bucket.put_days(MINUTE, {DAY: content})
    return len(content)


@pytest.fixture
def start(bucket: Bucket, tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start ``leanfeed flatfiles fetch`` for one day."""
    started: list[subprocess.Popen[str]] = []

    def make(wire: Wire, symbols: str = "AAA") -> subprocess.Popen[str]:
        settings = bucket.settings(endpoint=wire.url)
        own = {f"LEANFEED_FLATFILES_{name.upper()}": str(v) for name, v in settings.items()}
        command = [sys.executable, "-m", "leanfeed", "flatfiles", "fetch", "stocks_minute"]
        options = ["--start", DAY, "--end", DAY, "--symbols", symbols, "--data-folder", "data"]
        process = subprocess.Popen(
            [*command, *options],
            env={**os.environ, **own},
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield make
    for process in started:
        process.kill()
        process.communicate()


def slow(asked: Asked) -> Fault | None:
    return None if asked.is_list else Fault(rate=400_000)


def wait_until(is_so: Callable[[], bool], seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until, "it never was so"
        time.sleep(0.02)


def scratch(folder: Path) -> list[str]:
    found = (folder / ".leanfeed/flatfiles").iterdir()
    return sorted(path.suffix for path in found if path.suffix != ".lock")


def bars(folder: Path, ticker: str) -> int:
    return len(leanfeed.load(ticker, resolution="minute", data_folder=folder).bars)


def test_what_was_killed_is_gone_on_with(
    bucket: Bucket, large: int, start: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    with Wire(bucket.url, slow) as wire:
        for _ in range(2):
            before = wire.passed
            killed = start(wire)
            wait_until(lambda: wire.passed > before + 300_000)  # noqa: B023
            killed.kill()
            killed.communicate()
            assert scratch(tmp_path / "data") == [".part"]
        wire.fault = lambda asked: None
        last = start(wire)
        said, _ = last.communicate(timeout=60)
    assert last.returncode == 0, said
    starts = [asked.first_byte for asked in wire.gets]
    assert starts[0] == 0
    assert starts[0] < starts[1] < starts[2] < large
    assert bars(tmp_path / "data", "AAA") == 30
    assert scratch(tmp_path / "data") == []


@pytest.mark.parametrize(("sign", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_what_is_stopped_ends_at_once(
    bucket: Bucket,
    large: int,
    start: Callable[..., subprocess.Popen[str]],
    tmp_path: Path,
    sign: signal.Signals,
    code: int,
) -> None:
    with Wire(bucket.url, slow) as wire:
        stopped = start(wire)
        wait_until(lambda: wire.passed > 200_000)
        began = time.monotonic()
        stopped.send_signal(sign)
        stopped.communicate(timeout=30)
        assert time.monotonic() - began < 5
        assert stopped.returncode == code
        assert scratch(tmp_path / "data") == [".part"]
        wire.fault = lambda asked: None
        assert start(wire).wait(60) == 0
    assert wire.gets[-1].first_byte > 0


def test_two_at_once_do_each_other_no_harm(
    bucket: Bucket, large: int, start: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    with Wire(bucket.url, slow) as wire:
        both = [start(wire, "AAA"), start(wire, "BBB")]
        said = [one.communicate(timeout=90) for one in both]
    assert [one.returncode for one in both] == [0, 0], said
    # Nobody fetches what another one is fetching.
    assert len(wire.gets) == 1
    assert [bars(tmp_path / "data", ticker) for ticker in ("AAA", "BBB")] == [30, 30]
    assert scratch(tmp_path / "data") == []


def test_a_clock_that_is_behind_is_told_by_a_real_server(
    tmp_path: Path, start: Callable[..., subprocess.Popen[str]], bucket: Bucket
) -> None:
    if bucket.kind != "swift":
        pytest.skip("moto looks at no clock")
    put_days(bucket, MINUTE, DAY)
    (tmp_path / "late").mkdir()
    with swift(tmp_path / "late", ahead=3600) as url, Wire(url) as wire:
        refused = start(wire)
        _, said = refused.communicate(timeout=60)
    assert refused.returncode == 7
    assert "RequestTimeTooSkewed" in said
    assert "set its clock" in said
