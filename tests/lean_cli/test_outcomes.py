"""Every way in which the Lean CLI can end becomes the right error, in its own words."""

from __future__ import annotations

import pytest

from leanfeed import (
    AuthenticationError,
    ContractError,
    Gap,
    RateLimitedError,
    SourceError,
    UnavailableError,
)
from leanfeed_lean_cli.downloads import NoDataError
from leanfeed_lean_cli.outcomes import problem
from leanfeed_lean_cli.program import Ending
from tests.build import series, sessions
from tests.lean_cli.fake_container import FAILED
from tests.lean_cli.fake_lean import FAILURES
from tests.lean_cli.fakes import KEY, FakeLean

WINDOW = sessions("2024-01-03", "2024-01-05")


def gap(ticker: str = "AAPL") -> Gap:
    return Gap(series(ticker), WINDOW)


#: The class, what is quoted, and what to do.
EXPECTED: dict[str, tuple[type[SourceError], str, str]] = {
    "no workspace": (UnavailableError, "requires a Lean configuration file", "pip install -U"),
    "bad choice": (UnavailableError, "Invalid value for '--resolution'", "pip install -U"),
    "old folder": (UnavailableError, "old Lean CLI root folder", "pip install -U"),
    "no data-folder": (UnavailableError, "'data-folder'", "pip install -U"),
    "broken lean.json": (UnavailableError, "Unexpected", "by hand"),
    "no network": (UnavailableError, "internet connection", "Connect"),
    "not logged in": (AuthenticationError, "Invalid credentials", "`lean login`"),
    "unknown user": (AuthenticationError, "UserID not valid", "`lean login`"),
    "no docker": (UnavailableError, "Docker is installed and running", "docker info"),
    "no image": (UnavailableError, "No such image", "docker pull quantconnect/lean"),
    "pull failed": (UnavailableError, "while pulling", "docker pull"),
    "no module": (AuthenticationError, "Module subscription not found", "source polygon"),
    "start after end": (UnavailableError, "start date cannot be greater", "pip install -U"),
    "bad date": (UnavailableError, "does not match the yyyyMMdd", "pip install -U"),
    "unsupported": (UnavailableError, "does not support Tick", "pip install -U"),
    "prompt": (UnavailableError, "Aborted!", "It asked"),
}


def test_every_failure_has_an_expectation() -> None:
    assert EXPECTED.keys() == FAILURES.keys()


@pytest.mark.parametrize("outcome", EXPECTED)
def test_a_failure_before_the_container(fake: FakeLean, outcome: str) -> None:
    fake.play(outcome=outcome)
    played = fake.fetch(gap("AAPL"), gap("MSFT"))
    error, words, advice = EXPECTED[outcome]
    assert type(played.error) is error
    assert words in str(played.error)
    assert advice in str(played.error)
    assert "Visit https" not in str(played.error)
    assert "new release" not in str(played.error)
    assert len(fake.calls) == 1  # others would meet the same


@pytest.mark.parametrize(
    ("kind", "error", "words"),
    [
        ("refused", AuthenticationError, "Last response: Forbidden"),
        ("throttled", RateLimitedError, "was throttled"),
        ("broken", UnavailableError, "Failed after 10 attempts for /v2/aggs"),
        ("breaks in silence", UnavailableError, "see the logs above"),
        ("unknown", NoDataError, "no data for AAPL from 2024-01-03 to 2024-01-05"),
        ("null", NoDataError, "no data for AAPL"),
        ("no files", ContractError, "said that it succeeded, but left nothing of AAPL"),
    ],
)
def test_a_failure_inside_the_container(
    fake: FakeLean, kind: str, error: type[SourceError], words: str
) -> None:
    fake.play(tickers={"AAPL": kind})
    played = fake.fetch(gap())
    assert type(played.error) is error
    assert words in str(played.error)
    assert played.dates == []  # never an affirmed empty one


def test_being_killed_by_the_system_is_told(fake: FakeLean) -> None:
    fake.play(outcome="killed")
    played = fake.fetch(gap())
    assert len(played.dates) == 3
    assert type(played.error) is UnavailableError
    assert "signal 9" in str(played.error)
    assert "lean_cli_" in str(played.error)


@pytest.mark.parametrize(
    ("ending", "lines", "is_told"),
    [
        (Ending(1, is_stopped=True), [], False),
        (Ending(0, is_stopped=True), [], False),
        (Ending(1, is_stopped=True), ["Aborted!"], True),
        (Ending(1, is_late=True), ["Aborted!"], True),
        (Ending(-2, is_stopped=True), [], False),  # SIGINT came while it was exiting
        (Ending(-15, is_stopped=True), [], True),
        (Ending(0xC000013A, is_stopped=True), [], True),  # Ctrl-Break on Windows
        (Ending(-9, is_stopped=True, is_killed=True), [], True),
    ],
)
def test_a_container_that_may_be_left_is_told(
    ending: Ending, lines: list[str], *, is_told: bool
) -> None:
    found = problem(ending, lines, deadline=1)
    assert found is not None
    assert ("lean_cli_" in str(found.error)) == is_told
    of_version = problem(ending, lines, deadline=1, has_container=False)
    assert of_version is not None
    assert "lean_cli_" not in str(of_version.error)


@pytest.mark.parametrize("tickers", [["AAPL"], ["MSFT", "AAPL", "SPY"]])
def test_of_a_call_that_failed_only_finished_tickers_come(
    fake: FakeLean, tickers: list[str]
) -> None:
    """What it had written of the one under way is sound, and ends at eleven."""
    fake.play(tickers={"AAPL": "broken at eleven"})
    played = fake.fetch(*map(gap, tickers))
    assert {date.split()[0] for date in played.dates} == {*tickers} - {"AAPL"}
    assert all(len(d.bars) == 8 for d in played.deliveries)
    assert "OutOfMemoryException" in str(played.error)


def test_of_a_call_that_failed_for_all_only_finished_tickers_come(fake: FakeLean) -> None:
    fake.play(tickers={"AAPL": "refused at eleven"})
    played = fake.fetch(gap("MSFT"), gap("AAPL"), gap("SPY"))
    assert {date.split()[0] for date in played.dates} == {"MSFT"}
    assert type(played.error) is AuthenticationError
    assert len(fake.calls) == 1


def test_throttling_that_was_overcome_is_not_why_the_next_ticker_broke(fake: FakeLean) -> None:
    fake.play(outcome="throttled at first", tickers={"MSFT": "broken"})
    played = fake.fetch(gap("AAPL"), gap("MSFT"))
    assert type(played.error) is UnavailableError
    assert len(played.dates) == 3


def test_throttling_of_a_ticker_that_came_is_not_why_the_next_one_broke() -> None:
    throttled = "TRACE:: was throttled due to too many requests. Waiting 10 seconds"
    crashed = ["Unhandled exception. System.OutOfMemoryException", FAILED]
    came = "TRACE:: RunDownload(): 50.00% complete (1 out of 2 symbols)"
    found = problem(Ending(1), [throttled, came, *crashed], deadline=1)
    assert found is not None
    assert type(found.error) is UnavailableError
    assert "OutOfMemory" in str(found.error)
    assert found.is_about_ticker
    found = problem(Ending(1), [came, throttled, *crashed], deadline=1)
    assert found is not None
    assert type(found.error) is RateLimitedError


@pytest.mark.parametrize(
    ("outcome", "version", "words"),
    [
        ("ok", "Lean (version 4.9.0, x86_64-unknown-linux-gnu, Release)", "is not QuantConnect's"),
        ("ok", "lean 1.0.193", "is version 1.0.193 of the Lean CLI"),
        ("ok", "lean 0.9", "is not QuantConnect's"),
        ("ok", "", "says nothing"),
        ("no modules", "", "Modules json not found"),
    ],
)
def test_other_programs_and_old_versions_are_not_asked(
    fake: FakeLean, outcome: str, version: str, words: str
) -> None:
    fake.play(outcome=outcome, version=version)
    played = fake.fetch(gap())
    assert type(played.error) is UnavailableError
    assert words in str(played.error)
    assert fake.calls == []


@pytest.mark.parametrize("version", ["lean 1.0.194", "lean 1.1.0", "lean 2.0.0"])
def test_newer_versions_are_asked(fake: FakeLean, version: str) -> None:
    fake.play(version=version)
    assert fake.fetch(gap()).error is None


def test_a_missing_program_and_one_that_is_none(fake: FakeLean) -> None:
    missing = fake.fetch(gap(), command=str(fake.folder / "nowhere"))
    assert type(missing.error) is UnavailableError
    assert "pip install lean" in str(missing.error)
    fake.command.write_bytes(b"\x7fELF\x00 no program at all")
    broken = fake.fetch(gap())
    assert type(broken.error) is UnavailableError
    assert "cannot be started" in str(broken.error)


@pytest.mark.parametrize(
    ("setting", "error", "words"),
    [
        ("api_key", AuthenticationError, "POLYGON_API_KEY"),
        ("organization", UnavailableError, "organization-id"),
    ],
)
def test_what_is_missing_is_told_without_starting_anything(
    fake: FakeLean, setting: str, error: type[SourceError], words: str
) -> None:
    fake.play(outcome="no modules")  # the version check would show it
    played = fake.fetch(gap(), **{setting: ""})
    assert type(played.error) is error
    assert words in str(played.error)


def test_what_it_says_is_one_short_clean_line_without_the_key(fake: FakeLean) -> None:
    fake.play(outcome="echo", text=f"\x1b[31mkey={KEY}\x07 " + "long " * 400)
    played = fake.fetch(gap())
    line = next(text for text in played.said if "key=" in text)
    assert line.startswith("\\x1b[31mkey=***\\x07 long")
    assert len(line) == 500
    assert not any(KEY in text for text in played.said)
    assert played.said[-1] == "All downloads completed in 1.00 seconds."


@pytest.mark.parametrize(
    "spelling",
    [KEY.upper(), KEY.lower(), " ".join(KEY), f"{KEY[:9]}\t  {KEY[9:]}", KEY.replace("-", "%2d")],
)
def test_the_key_is_hidden_however_it_is_spelt(fake: FakeLean, spelling: str) -> None:
    fake.play(outcome="echo", text=f"key={spelling}&x")
    assert "key=***&x" in fake.fetch(gap()).said
