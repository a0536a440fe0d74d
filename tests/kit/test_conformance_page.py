"""docs/conformance.md lists the rules that the kit checks, word by word, and its example works."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from leanfeed.testing import PlannerConformance, SourceConformance, WriterConformance
from leanfeed.testing.rules import rules
from tests.kit.running import Outcomes

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "conformance.md").read_text("utf-8")
KITS = {"S": SourceConformance, "P": PlannerConformance, "W": WriterConformance}


def code(page: str) -> str:
    (found,) = re.findall(r"^```python\n(.*?)^```$", page, flags=re.DOTALL | re.MULTILINE)
    return found


@pytest.mark.parametrize("letter", KITS)
def test_page_and_docstrings_have_the_same_rules(letter: str) -> None:
    found = re.findall(rf"^- \*\*({letter}\d+)\.\*\* (.+?)$", PAGE, flags=re.MULTILINE)
    known = rules(KITS[letter])
    assert found == [(rule.number, rule.text) for rule in known]
    assert [rule.number for rule in known] == [f"{letter}{n + 1}" for n in range(len(known))]


@pytest.mark.parametrize("letter", KITS)
def test_every_test_of_the_kit_is_a_rule(letter: str) -> None:
    tests = {name for name in dir(KITS[letter]) if name.startswith("test_")}
    assert len(tests) == len(rules(KITS[letter]))
    for rule in rules(KITS[letter]):
        assert any(name.startswith(f"test_{rule.number.lower()}_") for name in tests)


def test_example_of_the_page_passes(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytester.makepyfile(coin_flip=code((DOCS / "hooks.md").read_text("utf-8")))
    pytester.makepyfile(test_coin_flip=code(PAGE))
    monkeypatch.syspath_prepend(pytester.path)
    outcomes = Outcomes()
    pytester.inline_run("-p", "no:cacheprovider", plugins=[outcomes])
    assert dict(outcomes.failed) == {}
    assert len(outcomes.passed["TestCoinFlip"]) > 15
    for message in outcomes.messages.values():
        assert "Not checked: whether " in message
        assert ". Override `" in message
