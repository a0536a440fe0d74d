"""A process that is killed at any moment leaves whole files and every old row."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.storage.build_chains import YEAR, chain, put_texts, texts
from tests.storage.build_zips import DAILY, delivery, files, put, rows, temporaries, write

OLD = ("20231228 00:00,1,2,1,2,5", "20231229 00:00,1,2,1,2,5")
WRITER = """
import sys
from pathlib import Path
from tests.storage.build_chains import chain
from tests.storage.build_zips import delivery, write
resolution, folder = sys.argv[1], Path(sys.argv[2])
make = delivery
if resolution == "options":
    resolution, make = "daily", lambda n, *how, price: chain(n + 2, *how, price=price)
write(folder, make(20, resolution, price=1))  # everything is imported
print("begun", flush=True)
for turn in range(10**6):
    price = 100 + turn % 7
    write(folder, *(make(n, resolution, price=price) for n in range(4)))
"""


def kill_somewhere(folder: Path, resolution: str, wait: float) -> None:
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, resolution, str(folder)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert writer.stdout is not None
    assert writer.stdout.readline().strip() == b"begun"
    time.sleep(wait)
    writer.send_signal(signal.SIGKILL)
    writer.communicate()


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="no SIGKILL")
@pytest.mark.parametrize("resolution", ["minute", "daily"])
def test_kill_leaves_whole_files_and_the_next_run_sweeps(tmp_path: Path, resolution: str) -> None:
    chance = random.Random(5)
    left = 0
    put(tmp_path / DAILY, "spy.csv", *OLD)
    for _ in range(30):
        kill_somewhere(tmp_path, resolution, chance.uniform(0, 0.05))
        for name in files(tmp_path):
            if name.endswith(".zip"):
                assert rows(tmp_path / name)
        assert rows(tmp_path / DAILY)[:2] == list(OLD)
        assert len(temporaries(tmp_path)) <= 4  # so many sessions are written at a time
        left += len(temporaries(tmp_path))
        write(tmp_path, *(delivery(n, resolution, price=9) for n in range(4)))
        assert temporaries(tmp_path) == []
    assert left, "no kill hit anything"


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="no SIGKILL")
def test_kill_leaves_a_year_of_options_whole(tmp_path: Path) -> None:
    chance = random.Random(7)
    old = {"aapl_trade_american_put_10000_20240315.csv": "20240130 00:00,1,2,1,2,5"}
    put_texts(tmp_path / YEAR, old)
    left = 0
    for _ in range(15):
        kill_somewhere(tmp_path, "options", chance.uniform(0, 0.5))
        assert texts(tmp_path / YEAR).items() >= old.items()
        left += len(temporaries(tmp_path))
        write(tmp_path, *(chain(n, "daily", price=9) for n in range(2, 6)))
        assert len(texts(tmp_path / YEAR)) == 3
        assert temporaries(tmp_path) == []
    assert left, "no kill hit anything"
