"""What the page says of states and kinds is what the code says."""

from __future__ import annotations

import re
from pathlib import Path

import leanfeed
from leanfeed import State
from leanfeed.cli.heat_map import MARKS
from leanfeed.coverages.anomalies import Kind

PAGE = Path(leanfeed.__file__).parents[1] / "docs/coverage.md"
ROWS = re.findall(r"^\| ([a-z ]+) \| (.+) \|$", PAGE.read_text("utf-8"), re.MULTILINE)


def test_every_state_has_its_mark() -> None:
    shown = {name: rest.partition(" | ")[0].strip("`") for name, rest in ROWS}
    for state in State:
        assert shown[state.words] == MARKS[state][0]


def test_every_kind_is_explained() -> None:
    assert {kind.value for kind in Kind} <= {name for name, _ in ROWS}
