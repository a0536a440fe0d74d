"""The page about the configuration shows every setting and every switch."""

from __future__ import annotations

import re
from pathlib import Path

from leanfeed.config.core import CORE
from leanfeed.config.switches import FALLBACK, NATIVE

PAGE = (Path(__file__).parents[1] / "docs/configuration.md").read_text(encoding="utf-8")


def rows(*headings: str) -> list[list[str]]:
    """The table below these headings, without the quotes around code."""
    head = " | ".join(headings)
    (table,) = re.findall(rf"^\| {re.escape(head)}.*\n\|[-|]+\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    return [[cell.strip(" `") for cell in row.split("|")[1:-1]] for row in table.splitlines()]


def test_every_core_setting_is_in_the_example() -> None:
    for name in CORE:
        assert re.search(rf"^(\[{name}\]|{name} = )", PAGE, re.MULTILINE)


def test_every_switch_is_documented() -> None:
    assert [row[:2] for row in rows("variable", "default")] == [
        [NATIVE, "true"],
        [FALLBACK, "true"],
    ]
