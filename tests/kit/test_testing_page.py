"""docs/testing.md names every strategy and every damage; its examples are run with the pages."""

from __future__ import annotations

import re
from pathlib import Path

from leanfeed.testing import strategies
from leanfeed.testing.strategies import DAMAGES

PAGE = (Path(__file__).parents[2] / "docs/testing.md").read_text("utf-8")


def test_every_strategy_is_on_the_page() -> None:
    (members,) = re.findall(r":members: ([\w,\s]+?)\n```", PAGE)
    assert {*members.replace(",", " ").split(), "DAMAGES"} == set(strategies.__all__)


def test_every_damage_is_on_the_page() -> None:
    (listed,) = re.findall(r"<!-- damages -->\n(.+)\.\n<!-- end", PAGE, flags=re.DOTALL)
    assert listed.split("; ") == list(DAMAGES)
