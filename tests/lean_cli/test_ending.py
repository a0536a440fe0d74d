"""However a call ends, nothing of it goes on and nothing of it stays."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from leanfeed import ContractError, Delivery, Gap, RateLimitedError, UnavailableError
from leanfeed.stopping import Stop, stoppable
from leanfeed_lean_cli import calls, downloads, program
from tests.build import series, sessions
from tests.lean_cli.fakes import FakeLean, Played

WINDOW = sessions("2024-01-03", "2024-01-05")
GAP = Gap(series("AAPL"), WINDOW)


def working(fake: FakeLean) -> list[int]:
    """Processes of the fake that are alive."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if str(fake.folder) in path.read_text():
                found.append(int(path.parent.name))
        except (OSError, UnicodeDecodeError):
            continue
    return found


def wait_for(condition: Callable[[], object], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def stopped_while_it_hangs(fake: FakeLean) -> tuple[Played, float]:
    """Stop a fetch as the pipeline does; what it raised and how long that took."""
    stop = Stop()
    played: list[Played] = []

    def fetch() -> None:
        with stoppable(stop):
            played.append(fake.fetch(GAP))

    thread = threading.Thread(target=fetch, daemon=True)
    thread.start()
    wait_for((fake.folder / "hangs").exists)
    began = time.monotonic()
    stop()
    thread.join(10)
    return played[0], time.monotonic() - began


@pytest.fixture
def deadline(fake: FakeLean, monkeypatch: pytest.MonkeyPatch) -> float:
    """A time limit that is over as soon as the fake hangs, however slow the machine is."""
    seconds, hangs = 100.0, fake.folder / "hangs"

    class Clock:
        @staticmethod
        def monotonic() -> float:
            return time.monotonic() + (seconds if hangs.exists() else 0)

    monkeypatch.setattr(program, "time", Clock)
    return seconds


def test_a_deadline_interrupts_it(fake: FakeLean, deadline: float) -> None:
    fake.play(outcome="hang")
    played = fake.fetch(GAP, timeout=deadline)
    assert (fake.folder / "interrupted").exists()
    assert type(played.error) is UnavailableError
    assert "not done after 100 s" in str(played.error)
    assert "Its last words: Waiting" in str(played.error)
    assert "killed" not in str(played.error)
    assert working(fake) == []


def test_a_deadline_in_the_middle_of_throttling_is_about_the_limit(
    fake: FakeLean, deadline: float
) -> None:
    fake.play(outcome="hang", text="was throttled due to too many requests. Waiting 90 seconds")
    assert type(fake.fetch(GAP, timeout=deadline).error) is RateLimitedError


def test_one_that_does_not_listen_is_killed(
    fake: FakeLean, deadline: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls, "_GRACE", 0.3)
    fake.play(outcome="deaf")
    played = fake.fetch(GAP, timeout=deadline)
    assert (fake.folder / "interrupted").exists()
    assert "had to be killed" in str(played.error)
    assert "lean_cli_" in str(played.error)
    assert working(fake) == []


def test_a_stop_interrupts_it_at_once(fake: FakeLean) -> None:
    fake.play(outcome="hang")
    played, seconds = stopped_while_it_hangs(fake)
    assert (fake.folder / "interrupted").exists()
    assert type(played.error) is UnavailableError
    assert "was stopped" in str(played.error)
    assert seconds < 1.5
    assert working(fake) == []


@pytest.mark.parametrize("is_background_job", [False, True])
def test_a_script_hears_the_first_interrupt(fake: FakeLean, *, is_background_job: bool) -> None:
    heard, hangs = fake.folder / "heard", fake.folder / "hangs"
    fake.command.write_text(
        f"""#!/bin/bash
[ "$1" = --version ] && {{ echo lean 1.0.230; exit; }}
trap 'touch "{heard}"; exit 1' INT
touch "{hangs}"
while true; do sleep 0.05; done
"""
    )
    if is_background_job:  # its children would be deaf as well
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        _, seconds = stopped_while_it_hangs(fake)
    finally:
        if is_background_job:
            signal.signal(signal.SIGINT, before)
    assert heard.exists()
    assert seconds < 1.2


def test_there_is_a_second_interrupt_a_second_later(fake: FakeLean) -> None:
    fake.play(outcome="hear the second")
    stopped_while_it_hangs(fake)
    assert 1 < float((fake.folder / "between").read_text()) < 1.6


@pytest.mark.slow
def test_a_stop_kills_one_that_does_not_listen_within_four_seconds(fake: FakeLean) -> None:
    fake.play(outcome="deaf")
    played, seconds = stopped_while_it_hangs(fake)
    assert "lean_cli_" in str(played.error)
    assert seconds < 4
    assert working(fake) == []


def test_a_run_that_was_stopped_before_starts_nothing(fake: FakeLean) -> None:
    stop = Stop()
    stop()
    with stoppable(stop):
        played = fake.fetch(GAP)
    assert type(played.error) is UnavailableError
    assert fake.calls == []


def test_what_it_leaves_behind_ends_with_it(fake: FakeLean, deadline: float) -> None:
    fake.play(outcome="leave a child")
    assert type(fake.fetch(GAP, timeout=deadline).error) is UnavailableError
    wait_for(lambda: not working(fake))


def test_a_child_that_holds_the_output_does_not_hold_us(fake: FakeLean) -> None:
    fake.play(outcome="forget a child")
    began = time.monotonic()
    assert fake.fetch(GAP).error is None
    assert time.monotonic() - began < 5
    wait_for(lambda: not working(fake))


def test_an_interrupt_in_this_thread_ends_it(fake: FakeLean) -> None:
    fake.play(outcome="hang")
    main = threading.main_thread().ident
    assert main is not None

    def interrupt() -> None:
        wait_for((fake.folder / "hangs").exists)
        signal.pthread_kill(main, signal.SIGINT)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    thread = threading.Thread(target=interrupt)
    thread.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            fake.fetch(GAP)
    finally:
        signal.signal(signal.SIGINT, before)
        thread.join()
    assert working(fake) == []


def test_a_caller_who_loses_interest_leaves_nothing(fake: FakeLean) -> None:
    deliveries = fake.source().fetch([GAP])
    next(deliveries)
    assert len(fake.leftovers) == 1
    del deliveries
    assert fake.leftovers == []


def test_what_holds_the_key_is_gone_before_anything_is_read(
    fake: FakeLean, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[list[str]] = []

    def looked(staging: Path, *_: object) -> Iterator[Delivery]:
        found.append(sorted(path.name for path in staging.parent.iterdir()))
        yield from ()

    monkeypatch.setattr(downloads, "staged", looked)
    fake.fetch(GAP)
    assert found == [["data", "storage"]]


def test_what_was_staged_is_not_read_any_more_when_the_run_is_stopped(
    fake: FakeLean, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = Stop()
    read: list[ContractError] = []

    def looked(*_: object) -> Iterator[ContractError]:
        for _number in range(100):
            stop()
            read.append(ContractError("It is bad."))
            yield read[-1]

    monkeypatch.setattr(downloads, "staged", looked)
    with stoppable(stop):
        played = fake.fetch(GAP, Gap(series("MSFT"), WINDOW))
    assert len(read) == 1
    assert played.dates == []


@pytest.mark.slow
@pytest.mark.parametrize("outcome", ["flood", "one endless line"])
def test_ninety_megabytes_fill_neither_memory_nor_the_screen(fake: FakeLean, outcome: str) -> None:
    fake.play(outcome=outcome)
    played = fake.fetch(GAP)
    assert played.error is None
    assert len(played.dates) == 3
    assert len(played.said) < 5_010
    assert max(map(len, played.said)) <= 500
