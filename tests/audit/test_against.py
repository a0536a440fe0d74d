"""A sample held against another source."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve, field, frozen
from click.testing import CliRunner

import leanfeed
from leanfeed import (
    AuthenticationError,
    Bars,
    Delivery,
    Gap,
    InvalidRequestError,
    RateLimitedError,
    Secret,
    Series,
    SourceError,
    UnavailableError,
    configured,
)
from leanfeed.cli import cli
from tests import build
from tests.audit.files import DAILY, HOUR, MINUTE, MINUTE_PATH, SESSIONS, put_bytes, put_sound

DAY = SESSIONS[1]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    put_sound(tmp_path / "data", MINUTE, HOUR, DAILY)
    return tmp_path / "data"


def compared(source: Any, **asked: Any) -> Any:
    comparison = leanfeed.audit(data_folder="data", against=source, **asked).comparison
    assert comparison is not None
    return comparison


def changed(change: Callable[[Bars], Bars], series: Series = MINUTE) -> build.MemorySource:
    bars = change(build.bars(DAY, series.resolution))
    return build.MemorySource(given={(series, DAY): bars})


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_same_is_the_same(folder: Path) -> None:
    before = contents(folder)
    comparison = compared(build.MemorySource())
    assert (comparison.sampled, comparison.same, comparison.ok) == (12, 12, True)
    assert contents(folder) == before


@pytest.mark.parametrize("series", [MINUTE, HOUR, DAILY], ids=str)
@pytest.mark.parametrize("name", ["open", "high", "low", "close"])
@pytest.mark.usefixtures("folder")
def test_prices_are_compared_within_the_tolerance(series: Series, name: str) -> None:
    def cheaper(bars: Bars) -> Bars:
        prices = getattr(bars, name) * (1 - 0.002 if name in ("low", "open") else 1 + 0.002)
        made = evolve(bars, **{name: prices})
        low = made.low if name == "low" else made.low * 0 + min(made.low.min(), prices.min())
        return evolve(made, low=low, high=made.high * 0 + max(made.high.max(), prices.max()))

    source = changed(cheaper, series)
    (difference,) = compared(source).differences
    assert (difference.series, difference.session) == (series, DAY)
    assert name in {bar.name for bar in difference.bars}
    assert difference.only_here == difference.only_there == 0


@pytest.mark.usefixtures("folder")
def test_how_much_may_differ_is_settable() -> None:
    louder = changed(lambda bars: evolve(bars, volume=bars.volume * 1.06))
    assert len(compared(louder).differences) == 1
    assert compared(louder, volume_tolerance=6).ok
    dearer = changed(lambda bars: evolve(bars, high=bars.high + 0.01))
    assert compared(dearer).ok
    exact = compared(dearer, price_tolerance=0)
    (difference,) = exact.differences
    assert difference.differing == 5
    assert {bar.name for bar in difference.bars} == {"high"}


@pytest.mark.usefixtures("folder")
def test_bars_that_only_one_has_are_a_difference() -> None:
    (fewer,) = compared(changed(lambda bars: bars.rows(slice(1, None)))).differences
    assert (fewer.here, fewer.there, fewer.only_here, fewer.only_there) == (5, 4, 1, 0)
    more = build.bars(DAY, count=7)
    (difference,) = compared(build.MemorySource(given={(MINUTE, DAY): more})).differences
    assert (difference.only_here, difference.only_there, difference.differing) == (0, 2, 0)
    (empty,) = compared(
        build.MemorySource(empty=frozenset({str(DAY)}), only=frozenset({"minute"})),
        resolution="minute",
    ).differences
    assert "the source says that there was no trading" in str(empty)


@pytest.mark.usefixtures("folder")
def test_only_the_regular_hours_are_compared_where_only_they_are_on_disk() -> None:
    early = build.bars(DAY)
    early = evolve(early, time=early.time - 3_600_000)
    both = Bars.concat([early, build.bars(DAY)])
    assert compared(build.MemorySource(given={(MINUTE, DAY): both})).ok


@pytest.mark.usefixtures("folder")
def test_what_is_not_answered_does_not_count_as_equal() -> None:
    comparison = compared(build.MemorySource(lacks=frozenset({str(DAY)})))
    assert (comparison.same, len(comparison.unanswered), comparison.ok) == (9, 3, False)
    assert set(comparison.unanswered.values()) == {"MemorySource: no answer for it"}
    failing = compared(build.MemorySource(fails_after=2, error=RateLimitedError("Wait.")))
    assert (failing.same, len(failing.unanswered)) == (2, 10)
    assert [failure.message for failure in failing.failures] == ["Wait."]
    other = compared(build.MemorySource(only=frozenset({"second"})))
    assert set(other.unanswered.values()) == {"the source does not support it"}


def test_the_sample_is_the_same_each_time_and_of_sound_sessions(folder: Path) -> None:
    def asked(**scope: Any) -> list[str]:
        source = build.MemorySource()
        compared(source, sample=5, **scope)
        return [f"{gap.series} {session}" for gap in source.asked for session in gap.sessions]

    first = asked()
    assert len(first) == 5
    assert asked() == first
    assert len(set(first)) == 5
    assert all(name[-10:] >= "2024-01-04" for name in asked(start="2024-01-04"))
    put_bytes(folder, MINUTE_PATH, b"")
    source = build.MemorySource()
    assert compared(source).sampled == 11
    assert (MINUTE, DAY) not in {(g.series, s) for g in source.asked for s in g.sessions}


def test_adding_sessions_changes_little(folder: Path) -> None:
    def asked() -> set[str]:
        source = build.MemorySource()
        compared(source, sample=6)
        return {f"{gap.series} {session}" for gap in source.asked for session in gap.sessions}

    before = asked()
    put_sound(folder, build.series("QQQ", "daily"))
    assert len(before - asked()) <= 4


@frozen
class Talkative:
    """Says its key when it fails."""

    key: Secret = field(factory=lambda: Secret("s3cr3t"))

    def supports(self, series: Series) -> bool:
        return True

    def fetch(self, gaps: Sequence[Gap]) -> Iterator[Delivery]:
        raise UnavailableError(f"GET /?token={self.key.reveal()} failed.")


@pytest.mark.usefixtures("folder")
def test_secrets_are_not_shown() -> None:
    report = leanfeed.audit(data_folder="data", against=Talkative())
    assert "***" in str(report)
    assert "s3cr3t" not in str(report) + report.to_json()


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    "asked",
    [{"sample": 0}, {"sample": True}, {"price_tolerance": -1}, {"volume_tolerance": "much"}],
    ids=str,
)
def test_numbers_that_cannot_be_meant(asked: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequestError):
        compared(build.MemorySource(), **asked)


@pytest.fixture
def invoke(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    def run(source: Any, *options: str) -> Any:
        monkeypatch.setattr(configured, "source", lambda *_: source)
        arguments = ["audit", "--data-folder", "data", "--against", "replay", *options]
        return CliRunner().invoke(cli, arguments)

    return run


@pytest.mark.usefixtures("folder")
def test_the_command(invoke: Callable[..., Any]) -> None:
    same = invoke(build.MemorySource())
    assert (same.exit_code, same.stderr) == (0, "")
    assert (
        "12 sessions compared with replay: 12 the same, 0 different, 0 not answered" in same.stdout
    )
    wrong = changed(lambda bars: evolve(bars, volume=bars.volume * 2))
    different = invoke(wrong)
    assert different.exit_code == 6
    assert different.stderr == "Error: 1 session of 12 not as replay has it.\n"
    assert (
        "SPY minute 2024-01-03: 5 of 5 bars differ; 2024-01-03T14:30:00Z volume 100 here, 200 there"
        in different.stdout
    )
    assert "--sources replay" in different.stdout
    told = json.loads(invoke(wrong, "--json").stdout)["comparison"]
    assert told["same"] == 11
    assert told["differences"][0]["bars"][0] == {
        "time": "2024-01-03T14:30:00Z",
        "name": "volume",
        "here": 100.0,
        "there": 200.0,
    }
    assert invoke(wrong, "--volume-tolerance", "50").exit_code == 0
    assert json.loads(invoke(wrong, "--sample", "3", "--json").stdout)["comparison"]["sampled"] == 3


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("error", "after", "code"),
    [
        (AuthenticationError("No key."), 0, 4),
        (RateLimitedError("Wait."), 3, 5),
        (UnavailableError("Down."), 0, 7),
        (UnavailableError("Down."), 3, 3),
        (SourceError("?"), 0, 3),
    ],
)
def test_a_source_that_cannot_answer(
    error: SourceError, after: int, code: int, invoke: Callable[..., Any]
) -> None:
    result = invoke(build.MemorySource(error=error, fails_after=after))
    assert result.exit_code == code
    assert f"replay gave up: {error}" in result.stdout
    assert f"{12 - after} sessions not compared" in result.stdout


@pytest.mark.usefixtures("folder")
def test_wrong_words() -> None:
    for options, code in (
        (("--against", "reply"), 4),
        (("--sample", "3"), 2),
        (("--price-tolerance", "1"), 2),
        (("--against", "replay", "--sample", "0"), 2),
    ):
        result = CliRunner().invoke(cli, ["audit", "--data-folder", "data", *options])
        assert result.exit_code == code, options


def test_an_empty_folder(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    report = leanfeed.audit(data_folder="data", against=build.MemorySource())
    assert "no sound session of trades to compare" in str(report)
    assert report.comparison
    assert report.comparison.ok
