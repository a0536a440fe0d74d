"""Many sessions at a time: each is stored as if it came alone, with the kernel and without it."""

from __future__ import annotations

import multiprocessing
import os
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from attrs import evolve

from leanfeed import Bars, Delivery, QuoteBars, SecurityType, Series, Symbol, TickType, Written
from leanfeed.default_plugins import new_zips
from leanfeed.errors import ContractError, LeanfeedError
from tests import build
from tests.kernel.conftest import BothRoads
from tests.storage import build_chains
from tests.storage.build_zips import (
    MINUTE,
    SESSIONS,
    delivery,
    files,
    put,
    rows,
    temporaries,
    write,
)

CONTEXT = multiprocessing.get_context("fork") if os.name == "posix" else None


@pytest.fixture(autouse=True)
def _always_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(new_zips, "_SEVERAL", 2)


def of(ticker: str, number: int, **how: Any) -> Delivery:
    return evolve(delivery(number, **how), series=build.series(ticker))


def quotes(number: int, *, lacks: float = 100.0) -> Delivery:
    """Quote bars of a session; with NaN half of a side is missing, which no file can say."""
    time, *columns = build.bars(SESSIONS[number]).columns
    bid = [column.copy() for column in columns]
    bid[0][2] = lacks
    series = Series(Symbol("SPY"), build.series().resolution, TickType.QUOTE)
    return Delivery(series, SESSIONS[number], QuoteBars(time, *bid, *columns), "r-1", "memory")


def odd(number: int) -> Delivery:
    """Bars that the kernel leaves to Python."""
    time, *columns = build.bars(SESSIONS[number]).columns
    columns[0][1] = 0.1 + 0.2
    return evolve(delivery(number), bars=Bars(time, *columns))


def crypto(number: int) -> Delivery:
    series = Series(Symbol("BTCUSD", SecurityType.CRYPTO, "coinbase"), build.series().resolution)
    return evolve(delivery(number), series=series)


def outcome(folder: Path, work: Callable[[], Sequence[Written]]) -> object:
    """What is confirmed and what stands there, but for the time of it."""
    try:
        said: object = [
            (evolve(written, changed_ns=0), bool(written.changed_ns)) for written in work()
        ]
    except LeanfeedError as error:
        said = type(error), str(error).replace(str(folder), "")
    return said, files(folder), temporaries(folder)


PARTS: dict[str, list[Delivery]] = {
    "new": [delivery(n) for n in range(12)],
    "several symbols": [of(t, n) for n in range(4) for t in ("A", "B", "C")],
    "with one that is there": [delivery(n) for n in (1, 2, 3, 4, 0, 5, 6, 7, 8)],
    "with two that are there": [delivery(n, price=7.0) for n in (0, 1, 2, 3, 20, 4, 5)],
    "with one without trades": [*(delivery(n) for n in range(5)), delivery(5, count=0)],
    "one twice": [delivery(n) for n in (1, 2, 3, 4, 1, 5, 6, 7)],
    "one twice with other bars": [*(delivery(n) for n in range(1, 6)), delivery(3, price=9.0)],
    "quotes": [quotes(n) for n in range(6)],
    "trades and quotes": [make(n) for n in range(3) for make in (delivery, quotes)],
    "some by Python": [odd(n) if n % 2 else delivery(n) for n in range(1, 9)],
    "other scales": [make(n) for n in range(1, 5) for make in (crypto, delivery)],
    "chains between": [*(delivery(n) for n in range(1, 6)), build_chains.chain(), delivery(8)],
    "all resolutions": [delivery(n, r) for r in ("minute", "hour", "daily") for n in range(1, 6)],
}


@pytest.mark.usefixtures("no_flushes")
@pytest.mark.parametrize("name", PARTS)
def test_together_or_alone(both_roads: BothRoads, tmp_path: Path, name: str) -> None:
    part = PARTS[name]
    roads = iter(("kernel", "python", "alone"))

    def prepared() -> Path:
        folder = tmp_path / next(roads)
        write(folder, delivery(0), delivery(20))
        return folder

    def together() -> object:
        folder = prepared()
        return outcome(folder, lambda: write(folder, *part, durability="fast"))

    fast, slow = both_roads(together)
    assert fast == slow
    alone = prepared()
    if name != "all resolutions":  # of which shared files are merged once
        assert fast == outcome(
            alone, lambda: [w for d in part for w in write(alone, d, durability="fast")]
        )
    assert fast[2] == []  # type: ignore[index]


def test_those_before_one_that_is_no_text_are_stored(both_roads: BothRoads, tmp_path: Path) -> None:
    part = [quotes(n, lacks=np.nan if n == 4 else 100.0) for n in range(8)]
    roads = iter(("kernel", "python"))

    def work() -> object:
        folder = tmp_path / next(roads)
        with pytest.raises(ContractError, match="lacks a price or a size"):
            write(folder, *part, durability="fast")
        return files(folder), temporaries(folder)

    fast, slow = both_roads(work)
    assert isinstance(fast[0], dict), fast  # type: ignore[index]
    assert fast == slow
    assert (
        [name[-18:-10] for name in fast[0]]
        == [  # type: ignore[index]
            f"{session.date:%Y%m%d}" for session in SESSIONS[:4]
        ]
    )


def test_one_that_leads_out_stops_what_comes_after(both_roads: BothRoads, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    roads = iter(("kernel", "python"))

    def work() -> object:
        folder = tmp_path / next(roads)
        minute = folder / "equity/usa/minute"
        minute.mkdir(parents=True)
        (minute / "c").symlink_to(tmp_path / "outside")
        part = [of(ticker, n) for ticker in "ABCD" for n in range(5)]
        return outcome(folder, lambda: write(folder, *part, durability="fast"))

    fast, slow = both_roads(work)
    assert fast == slow
    (_, words), there, left = fast  # type: ignore[misc]
    assert "leads out of the data folder" in words
    assert {name.split("/")[3] for name in there} == {"a", "b"}
    assert len(there) == 10
    assert left == [*(tmp_path / "outside").iterdir()] == []


def write_same(folder: Path, road: str, seed: int, barrier: Any, trouble: Any) -> None:
    """Store sessions that others store at the same moment, in an order of its own."""
    os.environ["LEANFEED_KERNEL"] = road
    try:
        for start in (0, 7, 14):
            part = [of(ticker, start + n) for n in range(7) for ticker in ("SPY", "QQQ")]
            random.Random(seed).shuffle(part)
            barrier.wait()
            confirmed = write(folder, *part)
            assert [written.rows for written in confirmed] == [5] * len(part)
    except BaseException as error:
        trouble.put(f"{road}: {error!r}")
        raise


@pytest.mark.skipif(CONTEXT is None, reason="forks")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
@pytest.mark.parametrize("turn", range(3))
def test_who_writes_the_same_at_the_same_moment(tmp_path: Path, turn: int) -> None:
    """Without a claim, which a run would have: whoever comes later finds, or replaces, the same."""
    assert CONTEXT is not None
    barrier, trouble = CONTEXT.Barrier(6), CONTEXT.Queue()
    workers = [
        CONTEXT.Process(
            target=write_same,
            args=(tmp_path, "off" if n == 5 else "on", 10 * turn + n % 4, barrier, trouble),
        )
        for n in range(6)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0] * 6, trouble.get()
    assert len(files(tmp_path)) == 2 * 21
    assert temporaries(tmp_path) == []
    for number, session in enumerate(SESSIONS[:21]):
        expected = rows(tmp_path / MINUTE)
        path = tmp_path / MINUTE.replace("20240102", f"{session.date:%Y%m%d}")
        assert rows(path) == expected, number


def test_a_damaged_file_that_nobody_mentioned_is_not_overwritten_silently(
    both_roads: BothRoads, tmp_path: Path
) -> None:
    roads = iter(("kernel", "python"))

    def work() -> object:
        folder = tmp_path / next(roads)
        put(folder / MINUTE, "20240102_spy_minute_trade.csv", "hello world")
        part = [delivery(n) for n in (3, 4, 5, 6, 0, 7)]
        confirmed = write(folder, *part, durability="fast")
        assert [bool(written.kept_aside) for written in confirmed] == [n == 4 for n in range(6)]
        return files(folder)

    fast, slow = both_roads(work)
    assert isinstance(fast, dict), fast
    assert fast == slow
