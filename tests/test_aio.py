"""Runs in an event loop: it stays free, hears every event, and its tasks can be cancelled."""

from __future__ import annotations

import asyncio
import inspect
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from attrs import define, field

import leanfeed
from leanfeed import events
from leanfeed.errors import InvalidRequestError
from leanfeed.stopping import on_stop
from leanfeed.values import Delivery, Gap, Series
from tests import build

ASKED: dict[str, Any] = {"resolution": "minute", "start": "2024-11-25", "end": "2024-11-29"}
REPLAY: dict[str, Any] = {**ASKED, "sources": "replay"}


@define
class Slow:
    """Gives one session, then waits to be stopped."""

    waits: threading.Event = field(factory=threading.Event)
    was_stopped: threading.Event = field(factory=threading.Event)

    def supports(self, series: Series) -> bool:
        return True

    def fetch(self, gaps: Sequence[Gap]) -> Iterator[Delivery]:
        (gap,) = gaps
        yield Delivery(gap.series, gap.sessions[0], build.bars(gap.sessions[0]))
        with on_stop(self.was_stopped.set):
            self.waits.set()
            self.was_stopped.wait(30)


async def seen(flag: threading.Event) -> None:
    while not flag.is_set():
        await asyncio.sleep(0.01)


def test_results_are_those_of_the_functions() -> None:
    async def main() -> None:
        plan = await leanfeed.aio.plan("DEMO", **REPLAY)
        assert plan.missing == 4
        report = await leanfeed.aio.apply(plan)
        assert report.written_sessions == 4
        assert (await leanfeed.aio.ensure("DEMO", **REPLAY)).cache_hits == 4
        assert len(await leanfeed.aio.load("DEMO", resolution="minute")) > 1000

    asyncio.run(main())


def test_errors_are_those_of_the_functions() -> None:
    with pytest.raises(InvalidRequestError, match="not a resolution"):
        asyncio.run(leanfeed.aio.ensure("DEMO", resolution="weekly", start="2024-11-25"))
    with pytest.raises(leanfeed.NoDataError):
        asyncio.run(leanfeed.aio.load("SPY", resolution="daily"))


@pytest.mark.parametrize("name", ["ensure", "plan", "apply", "load"])
def test_they_are_called_in_the_same_way(name: str) -> None:
    coroutine, function = getattr(leanfeed.aio, name), getattr(leanfeed, name)
    assert inspect.iscoroutinefunction(coroutine)
    assert inspect.signature(coroutine).parameters == inspect.signature(function).parameters
    assert coroutine.__doc__ == function.__doc__


def test_events_come_in_the_loop_in_order_and_before_the_end() -> None:
    heard: list[events.Event] = []
    threads = set()

    def hear(event: events.Event) -> None:
        heard.append(event)
        threads.add(threading.current_thread())

    async def main() -> leanfeed.Report:
        return await leanfeed.aio.ensure("DEMO", progress=hear, **REPLAY)

    report = asyncio.run(main())
    assert threads == {threading.main_thread()}
    assert isinstance(heard[0], events.RunStarted)
    assert isinstance(heard[-1], events.RunFinished)
    assert heard[-1].report == report
    assert sum(isinstance(event, events.SessionStored) for event in heard) == 4


def test_the_loop_goes_on_while_a_run_waits() -> None:
    async def main() -> None:
        source = Slow()
        task = asyncio.create_task(leanfeed.aio.ensure("SPY", sources=[source], **ASKED))
        await asyncio.wait_for(seen(source.waits), 20)
        assert not task.done()
        source.was_stopped.set()
        report = await task
        assert report.written_sessions == 1

    asyncio.run(main())


def test_a_task_that_is_cancelled_stops_its_run_at_a_safe_point() -> None:
    source = Slow()
    is_stored = threading.Event()

    def hear(event: events.Event) -> None:
        if isinstance(event, events.SessionStored):
            is_stored.set()

    async def main() -> None:
        run = leanfeed.aio.ensure("SPY", sources=[source], progress=hear, **ASKED)
        task = asyncio.create_task(run)
        await asyncio.wait_for(seen(source.waits), 20)
        await asyncio.wait_for(seen(is_stored), 20)
        task.cancel()
        started = time.monotonic()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert time.monotonic() - started < 6

    asyncio.run(main())
    assert source.was_stopped.is_set()
    for thread in threading.enumerate():
        if thread.name == "leanfeed-aio":
            thread.join(5)
            assert not thread.is_alive()
    assert leanfeed.plan("SPY", sources="replay", **ASKED).present == 1


def test_a_time_out_is_a_cancellation() -> None:
    async def main() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(leanfeed.aio.ensure("SPY", sources=[Slow()], **ASKED), 1)

    asyncio.run(main())


def test_the_callers_own_event_stops_it_too() -> None:
    cancel = threading.Event()
    source = Slow()

    async def main() -> None:
        run = leanfeed.aio.ensure("SPY", sources=[source], cancel=cancel, **ASKED)
        task = asyncio.create_task(run)
        await asyncio.wait_for(seen(source.waits), 20)
        cancel.set()
        with pytest.raises(leanfeed.CancelledError, match="run again to go on"):
            await task

    asyncio.run(main())


def test_what_progress_raises_ends_the_run_and_is_raised() -> None:
    source = Slow()

    def hear(event: events.Event) -> None:
        if isinstance(event, events.SessionStored):
            raise KeyError("mine")

    async def main() -> None:
        with pytest.raises(KeyError, match="mine"):
            await leanfeed.aio.ensure("SPY", sources=[source], progress=hear, **ASKED)

    asyncio.run(main())
    assert source.was_stopped.is_set()


def test_many_at_a_time_share_what_they_fetch() -> None:
    async def main() -> None:
        runs = [leanfeed.aio.ensure("DEMO", **REPLAY) for _ in range(12)]
        reports = await asyncio.gather(*runs)
        assert all(report.complete for report in reports)
        assert sum(report.written_sessions for report in reports) == 4

    asyncio.run(main())
