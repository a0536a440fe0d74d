"""One budget for everything that asks with one key."""

from __future__ import annotations

import itertools
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from leanfeed import Delivery, Gap, RateLimitedError, SourceError
from leanfeed.events import Event, Waiting, listening
from leanfeed_polygon import budget as module
from leanfeed_polygon.budget import FREE, Budget, Rate
from leanfeed_polygon.source import PolygonSource
from tests import build
from tests.polygon_server import PolygonServer, Reply, Seen, error, first, synthetic

_SESSIONS = build.sessions("2024-01-02", "2024-01-05")


class Clock:
    """Time that passes when told to."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def time(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    fake = Clock()
    monkeypatch.setattr(module, "time", fake)
    return fake


def starts(budget: Budget, clock: Clock, count: int) -> list[float]:
    """When requests may start that are all wanted now, relative to now."""
    return [budget.reserve().wait for _ in range(count)]


def test_free_plan_allows_five_in_any_rolling_minute(tmp_path: Path, clock: Clock) -> None:
    at = starts(Budget(FREE, tmp_path, "key"), clock, 12)
    assert at[:5] == [0] * 5
    assert all(later - earlier > 60 for earlier, later in zip(at, at[5:], strict=False))
    assert at[-1] == pytest.approx(FREE.spends(12))


def test_fast_rate_is_spread_evenly(tmp_path: Path, clock: Clock) -> None:
    rate = Rate(1, 1 / 20)
    at = starts(Budget(rate, tmp_path, "key"), clock, 40)
    assert all(b - a >= 0.05 for a, b in itertools.pairwise(at))
    assert at[-1] == pytest.approx(rate.spends(40), abs=1e-3)


@given(count=st.integers(1, 40), waits=st.lists(st.floats(0, 90), min_size=40, max_size=40))
def test_no_window_holds_more_than_the_rate(count: int, waits: list[float]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        clock = Clock()
        patch.setattr(module, "time", clock)
        budget = Budget(FREE, Path("/dev/null/nowhere"), "key")
        at = []
        for wait in waits[:count]:
            at.append(budget.reserve().at)
            clock.now += wait
        budget.close()
    assert all(b - a >= 60 for a, b in zip(at, at[5:], strict=False))


def test_budgets_of_one_key_share_a_file_that_does_not_name_it(
    tmp_path: Path, clock: Clock
) -> None:
    for _ in range(5):
        assert Budget(FREE, tmp_path, "secret-key").reserve().wait == 0
    assert Budget(FREE, tmp_path, "secret-key").reserve().wait > 60
    assert Budget(FREE, tmp_path, "another").reserve().wait == 0
    assert not any("secret" in path.name for path in tmp_path.iterdir())
    assert not any(b"secret-key" in path.read_bytes() for path in tmp_path.iterdir())


def test_refusal_makes_everybody_wait(tmp_path: Path, clock: Clock) -> None:
    mine, other = (Budget(Rate(1, 0.01), tmp_path, "key") for _ in range(2))
    mine.pause(30)
    mine.pause(5)
    assert other.pause_left() == pytest.approx(30)
    assert other.reserve().wait == pytest.approx(30)
    clock.now += 31
    assert (other.pause_left(), other.reserve().wait) == (0, 0)


def test_start_that_is_given_back_is_free_again(tmp_path: Path, clock: Clock) -> None:
    budget = Budget(FREE, tmp_path, "key")
    given = [budget.reserve() for _ in range(7)]
    for start in given[3:]:
        budget.release(start)
    assert [wait > 0 for wait in starts(budget, clock, 3)] == [False, False, True]


def test_lesson_slows_down_for_an_hour_and_never_speeds_up(tmp_path: Path, clock: Clock) -> None:
    fast, slow = Budget(Rate(1, 0.01), tmp_path, "key"), Budget(Rate(1, 600), tmp_path, "key")
    fast.learn(FREE)
    assert starts(fast, clock, 6)[-1] > 60
    assert slow.reserve().wait > 600
    clock.now += 4000
    assert starts(fast, clock, 6)[-1] < 1


@pytest.mark.parametrize("damage", [b"", b"no database"])
def test_damaged_file_is_made_anew(tmp_path: Path, clock: Clock, damage: bytes) -> None:
    budget = Budget(FREE, tmp_path, "key")
    budget.path.write_bytes(damage)
    assert starts(budget, clock, 6)[-1] > 60
    budget.close()


def test_clock_that_was_set_back_does_not_block(tmp_path: Path, clock: Clock) -> None:
    budget = Budget(FREE, tmp_path, "key")
    starts(budget, clock, 5)
    budget.pause(100)
    clock.now -= 86_400
    assert budget.reserve().wait == 0


_CHILD = """
import sys, time
from pathlib import Path
from leanfeed_polygon.budget import Budget, Rate
budget = Budget(Rate(1, 1 / 20), Path(sys.argv[1]), "key")
for _ in range(15):
    time.sleep(budget.reserve().wait)
    print(time.time())
"""


@pytest.mark.slow
def test_four_processes_keep_one_pace(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _CHILD, str(tmp_path)]
    children = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    at = sorted(float(line) for child in children for line in child.communicate()[0].split())
    assert len(at) == 60
    busiest = max(sum(a <= b < a + 1 for b in at) for a in at)
    assert busiest <= 21
    assert at[-1] - at[0] < 6


Connect = Callable[..., PolygonSource]

_GAPS = [Gap(build.series(resolution=name), _SESSIONS) for name in ("minute", "daily", "second")]


def fetch(source: PolygonSource) -> list[Delivery]:
    return list(source.fetch(_GAPS))


@pytest.fixture
def server() -> Iterator[PolygonServer]:
    market = {
        ("SPY", timespan): synthetic(_SESSIONS, timespan, density=0.01)
        for timespan in ("minute", "day", "second")
    }
    with PolygonServer(market) as running:
        yield running


def test_wait_is_announced_and_ends_at_once_when_stopped(
    server: PolygonServer, connect: Connect
) -> None:
    heard: list[Event] = []
    with listening(heard.append):
        answers = connect(server, tier="free").fetch(_GAPS)
        for _ in range(9):
            next(answers)
        while not any(isinstance(event, Waiting) for event in heard):
            time.sleep(0.01)
        time.sleep(0.3)  # the other connections wait for the same
        started = time.monotonic()
        answers.close()
    assert time.monotonic() - started < 2
    waits = [event.seconds for event in heard if isinstance(event, Waiting)]
    assert len(waits) == 1
    assert all(55 < wait < 65 for wait in waits)
    assert len(server.seen) <= 5


def test_time_limit_ends_the_run(server: PolygonServer, connect: Connect) -> None:
    with pytest.raises(RateLimitedError, match="time limit"):
        fetch(connect(server, tier="free", time_limit=5))
    assert len(server.seen) <= 5


def test_key_of_the_free_plan_is_found_out_and_its_pace_kept(
    server: PolygonServer, connect: Connect
) -> None:
    def free_plan(seen: Seen, honest: Reply) -> Reply:
        return honest if seen.number < 3 else error(429, error="too many")

    server.faults.append(free_plan)
    with pytest.raises(RateLimitedError, match="time limit"):
        fetch(connect(server, in_flight=1, time_limit=5))
    assert len(server.seen) == 5  # the sixth waits for the minute to pass
    server.faults.clear()
    with pytest.raises(RateLimitedError, match="time limit"):
        fetch(connect(server, in_flight=1, time_limit=5))
    assert len(server.seen) == 5


def test_refusals_alone_teach_nothing(server: PolygonServer, connect: Connect) -> None:
    server.faults.append(first(99, error(429, error="too many")))
    with pytest.raises(RateLimitedError):
        fetch(connect(server, in_flight=1))
    server.faults.clear()
    assert len(fetch(connect(server, in_flight=1, time_limit=20))) == 12


def test_budgets_of_two_providers_are_apart(tmp_path: Path, clock: Clock) -> None:
    starts(Budget(FREE, tmp_path, "key"), clock, 5)
    assert Budget(FREE, tmp_path, "key", "http://127.0.0.1:8080").reserve().wait == 0


def test_refusals_with_welcomes_between_them_teach_nothing(
    server: PolygonServer, connect: Connect
) -> None:
    def every_second(seen: Seen, honest: Reply) -> Reply:
        return error(429, error="slow down") if seen.number % 2 else honest

    server.faults.append(every_second)
    assert len(fetch(connect(server, in_flight=1, retries=9))) == 12


def test_retries_are_a_setting(server: PolygonServer, connect: Connect) -> None:
    server.faults.append(first(99, Reply(status=503)))
    with pytest.raises(SourceError):
        fetch(connect(server, in_flight=1, retries=1))
    # Minutes and days, then three of the seconds: the provider counts as down.
    assert len(server.seen) == 2 * (2 + 3)


def test_a_disk_that_refuses_in_the_middle_leaves_a_budget_of_our_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    budget = Budget(Rate(2, 60.0), tmp_path, "key")
    begin = Budget._begin

    def read_only(self: Budget) -> sqlite3.Connection | None:
        connection = begin(self)
        assert connection is not None
        connection.execute("PRAGMA query_only = ON")
        return connection

    monkeypatch.setattr(Budget, "_begin", read_only)
    waits = [budget.reserve().wait for _ in range(3)]
    assert waits[:2] == [0.0, 0.0]
    assert waits[2] > 50
