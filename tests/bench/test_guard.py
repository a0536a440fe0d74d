"""The guard can fail."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from benchmarks.guard import LEAST, Finding, judged
from benchmarks.sample import Sample
from benchmarks.stage_guard import stage_ratios, stage_rules
from leanfeed.lean import lines


def test_what_is_too_slow_is_no_longer_well() -> None:
    assert LEAST == 5
    assert Finding("leanfeed", LEAST, LEAST).is_well
    slow = Finding("leanfeed", LEAST - 0.01, LEAST)
    assert not slow.is_well
    assert str(slow).startswith("TOO SLOW")


def test_a_slowed_leanfeed_that_passes_makes_the_guard_blind() -> None:
    assert Finding("slowed", 1.2, LEAST, is_to_fail=True).is_well
    passed = Finding("slowed", 6.0, LEAST, is_to_fail=True)
    assert not passed.is_well
    assert str(passed).startswith("NOT CAUGHT")


@pytest.mark.parametrize(
    ("ratios", "measurements", "is_well"),
    [((9, 9), 1, True), ((4, 9), 2, True), ((4, 4), 2, False)],
)
def test_what_looks_slow_is_measured_once_more(
    ratios: tuple[float, float], measurements: int, is_well: bool
) -> None:
    made = 0

    def measured() -> Iterator[list[Finding]]:
        nonlocal made
        for ratio in ratios:
            made += 1
            yield [Finding("leanfeed", ratio, LEAST)]

    findings = judged(measured())
    assert made == measurements
    assert all(finding.is_well for finding in findings) is is_well


def test_a_slow_stage_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = lines.format_sessions

    def slow(*given: Any) -> list[bytes]:
        for _ in range(10):
            honest(*given)
        return honest(*given)

    (rule,) = (rule for rule in stage_rules(Sample.of("minute")) if "format" in rule.name)
    (before,) = stage_ratios([rule], repeats=1)
    monkeypatch.setattr(lines, "format_sessions", slow)
    (after,) = stage_ratios([rule], repeats=1)
    assert after < rule.least
    assert after < before / 4
