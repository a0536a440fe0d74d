"""The kit can fail: for each rule, and for that rule alone."""

from __future__ import annotations

from importlib import import_module

import pytest

from leanfeed.testing import PlannerConformance, SourceConformance, WriterConformance
from leanfeed.testing.rules import rules
from tests.kit.running import run_kit

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

GALLERIES = {
    "broken_sources": SourceConformance,
    "broken_planners": PlannerConformance,
    "broken_writers": WriterConformance,
}


@pytest.mark.parametrize("gallery", GALLERIES)
def test_what_is_broken_fails_at_its_own_rule(pytester: pytest.Pytester, gallery: str) -> None:
    every = {rule.number.lower() for rule in rules(GALLERIES[gallery])}
    broken = import_module(f"tests.kit.{gallery}").BROKEN
    outcomes = run_kit(pytester, f"tests.kit.{gallery}")
    assert dict(outcomes.skipped) == {}
    assert outcomes.passed["TestHonest"] == every
    assert set(broken.values()) == every
    expected = {f"Test{kind.__name__}": {rule} for kind, rule in broken.items()}
    assert dict(outcomes.failed) == expected
