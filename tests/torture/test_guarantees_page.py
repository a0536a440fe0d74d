"""docs/guarantees.md: every promise names tests, and every test that it names exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.torture.summary import CAMPAIGNS, MARKERS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/guarantees.md").read_text("utf-8")
PROMISES = re.findall(r"^\d+\. (.+?)(?=^\d+\. |^#|\Z)", PAGE, re.MULTILINE | re.DOTALL)
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", PAGE)))


def test_there_are_promises() -> None:
    numbers = [int(number) for number in re.findall(r"^(\d+)\. ", PAGE, re.MULTILINE)]
    assert numbers == list(range(1, len(PROMISES) + 1))
    assert len(numbers) >= 25


@pytest.mark.parametrize("promise", PROMISES)
def test_every_promise_names_a_test(promise: str) -> None:
    assert re.search(r"`tests/[\w/]+\.py(::\w+)?`", promise)


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_every_named_test_exists(path: str, name: str) -> None:
    text = (ROOT / path).read_text("utf-8")
    assert re.search(rf"^def {name}\(" if name else "^(def test|Test)", text, re.M)


def test_table_holds_every_campaign() -> None:
    start, end = (PAGE.index(marker) for marker in MARKERS)
    table = PAGE[start:end]
    for campaign in CAMPAIGNS:
        assert campaign.done in table
        assert all((ROOT / path.partition("::")[0]).exists() for path in campaign.tests)
