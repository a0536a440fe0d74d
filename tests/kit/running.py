"""Runs the conformance kit in a pytest of its own, and says which rules failed."""

from __future__ import annotations

import re
from collections import defaultdict

import pytest
from attrs import define, field

__all__ = ["Outcomes", "run_kit"]


@define
class Outcomes:
    """What became of each rule, by test class."""

    passed: dict[str, set[str]] = field(factory=lambda: defaultdict(set))
    failed: dict[str, set[str]] = field(factory=lambda: defaultdict(set))
    skipped: dict[str, set[str]] = field(factory=lambda: defaultdict(set))
    #: Of those that failed and were skipped.
    messages: dict[tuple[str, str], str] = field(factory=dict)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        match = re.search(r"::(\w+)::test_([spw]\d+)_", report.nodeid)
        assert match, report.nodeid
        name, rule = match.groups()
        if report.when == "call" or report.outcome != "passed":
            getattr(self, report.outcome)[name].add(rule)
            if report.outcome != "passed":
                self.messages[name, rule] = str(report.longrepr)


def run_kit(pytester: pytest.Pytester, module: str) -> Outcomes:
    """Run all test classes of a module, in this process."""
    outcomes = Outcomes()
    pytester.makepyfile(test_gallery=f"from {module} import *")
    pytester.inline_run("-p", "no:cacheprovider", "-p", "no:randomly", "-q", plugins=[outcomes])
    return outcomes
