"""The kit for sources can fail: for each rule, and for that rule alone."""

from __future__ import annotations

import pytest

from leanfeed.testing import SourceConformance
from leanfeed.testing.rules import rules
from tests.kit.broken_sources import BROKEN
from tests.kit.running import run_kit

ALL = {rule.number.lower() for rule in rules(SourceConformance)}


def test_each_broken_source_fails_at_its_own_rule(pytester: pytest.Pytester) -> None:
    outcomes = run_kit(pytester, "tests.kit.broken_sources")
    assert outcomes.passed["TestHonest"] == ALL
    assert set(BROKEN.values()) == ALL
    expected = {f"Test{kind.__name__}": {rule} for kind, rule in BROKEN.items()}
    assert dict(outcomes.failed) == expected
    assert dict(outcomes.skipped) == {}
