"""How far a run is, and how long it will take, told without guessing."""

from __future__ import annotations

from attrs import define, evolve

from leanfeed import events
from leanfeed.tally import Tally
from leanfeed.values import Estimate, Written
from tests.cli.fake_pipeline import SESSION, SPY
from tests.cli.progress_events import DAILY, PLAN


@define
class Clock:
    """Says what it is told to."""

    now: float = 100.0

    def __call__(self) -> float:
        return self.now


def begun(estimate: Estimate | None = None) -> tuple[Tally, Clock]:
    clock = Clock()
    tally = Tally(clock)
    tally(events.RunStarted(evolve(PLAN, estimates={"polygon": estimate})))
    tally(events.SourceStarted("polygon", 42))
    return tally, clock


def answered(tally: Tally, count: int) -> None:
    for _ in range(count):
        tally(events.RequestAnswered("polygon", "/v2/aggs", 200, 1000, 0.1))


def stored(tally: Tally, count: int, *, rows: int = 390) -> None:
    for _ in range(count):
        tally(events.SessionStored(Written(SPY, SESSION, "polygon", rows=rows)))


def test_sessions_are_counted_by_resolution_and_bars_by_the_second() -> None:
    tally, clock = begun()
    stored(tally, 10)
    tally(events.SessionStored(Written(DAILY, SESSION, "polygon", rows=1)))
    clock.now += 10
    assert dict(tally.total) == {SPY.resolution: 40, DAILY.resolution: 2}
    assert dict(tally.done) == {SPY.resolution: 10, DAILY.resolution: 1}
    assert tally.bars_per_second == 390.1


def test_nothing_is_foretold_before_there_is_anything_to_go_by() -> None:
    tally, clock = begun()
    assert tally.seconds_left is None
    clock.now += 5
    assert tally.seconds_left is None
    assert tally.pace == "polygon: 0 requests"


def test_the_pace_so_far_tells_how_long_the_rest_takes() -> None:
    tally, clock = begun()
    stored(tally, 21)
    clock.now += 30
    assert tally.seconds_left == 30
    assert "about 30 s left" in tally.pace
    stored(tally, 19)
    tally(events.SessionStored(Written(DAILY, SESSION, "polygon", rows=1)))
    tally(events.SessionStored(Written(DAILY, SESSION, "polygon", rows=1)))
    assert tally.seconds_left is None


def test_the_rate_limit_is_the_least_it_takes() -> None:
    tally, clock = begun(Estimate(50, 600.0))
    answered(tally, 5)
    clock.now += 2
    assert tally.seconds_left == 598
    assert "about 10 min left" in tally.pace


def test_requests_tell_where_sessions_are_stored_at_the_end() -> None:
    tally, clock = begun(Estimate(10))
    answered(tally, 5)
    clock.now += 20
    assert 19 < (tally.seconds_left or 0) < 22


def test_requests_that_fail_are_no_progress() -> None:
    tally, clock = begun(Estimate(10))
    for _ in range(5):
        tally(events.RequestAnswered("polygon", "/v2/aggs", 0, 0, 0.1))
    clock.now += 20
    assert tally.seconds_left is None
    assert tally.pace == "polygon: 5 requests, 5 failed (no answer)"
    tally(events.RequestAnswered("polygon", "/v2/aggs", 503, 0, 0.1, is_retry=True))
    answered(tally, 1)
    assert tally.pace.startswith("polygon: 7 requests, 6 failed (HTTP 503)")


def test_another_source_has_a_pace_of_its_own() -> None:
    tally, clock = begun(Estimate(50, 600.0))
    clock.now += 100
    stored(tally, 2)
    tally(events.SourceStarted("lean-cli", 40, "polygon: it is down"))
    clock.now += 10
    stored(tally, 20)
    assert tally.seconds_left == 10
    assert tally.notices == ["lean-cli: asked for 40 sessions, because polygon: it is down"]


def test_a_wait_counts_down_to_its_end_whatever_comes_meanwhile() -> None:
    tally, clock = begun()
    tally(events.Waiting("polygon", 60.0, "the free tier"))
    tally(events.Waiting("polygon", 12.0, "the free tier"))
    assert tally.waiting == "waiting 12 s for the free tier"
    clock.now += 9
    answered(tally, 1)
    stored(tally, 1)
    assert tally.waiting == "waiting 3 s for the free tier"
    clock.now += 4
    assert tally.waiting == "waiting 47 s for the free tier"
    clock.now += 47
    assert tally.waiting == "waiting for the free tier"
    stored(tally, 1)
    assert tally.waiting == ""


def test_a_wait_for_another_run_is_told_as_long_as_it_is_announced() -> None:
    tally, clock = begun()
    tally(events.RunWaiting((SPY,), 10.0))
    assert tally.waiting == "waiting for another run that is fetching the same"
    clock.now += 20
    assert tally.waiting == ""


def test_one_line_says_it_all() -> None:
    tally, clock = begun()
    stored(tally, 21)
    clock.now += 10
    tally(events.Waiting("polygon", 12.0, "the free tier"))
    assert tally.line == (
        "21 of 42 sessions (minute 21/40, daily 0/2); polygon: 0 requests, 819 bars/s, "
        "about 10 s left; waiting 12 s for the free tier"
    )


def test_more_sessions_than_were_planned_are_not_more_than_all() -> None:
    tally, _ = begun()
    stored(tally, 50)
    assert tally.done[SPY.resolution] == 40
