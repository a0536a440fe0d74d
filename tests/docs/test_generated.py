"""What the code knows better stands in the pages as the code has it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.generate import pages as generated


@pytest.mark.parametrize("page", generated.pages(), ids=lambda page: page.name)
def test_a_page_is_up_to_date(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text == generated.filled(text), "write it anew with: nox -s pages"


def test_a_part_that_nobody_makes_is_an_error() -> None:
    with pytest.raises(KeyError):
        generated.filled("<!-- generated: nonsense -->\n<!-- end of generated -->\n")


def test_what_is_stale_is_made_anew() -> None:
    stale = "# Page\n\n<!-- generated: commands -->\n*stale*\n<!-- end of generated -->\nrest\n"
    fresh = generated.filled(stale)
    assert "*stale*" not in fresh
    assert "## `leanfeed config show`" in fresh
    assert fresh.startswith("# Page\n\n<!-- generated: commands -->\n")
    assert fresh.endswith("\n<!-- end of generated -->\nrest\n")
    assert generated.filled(fresh) == fresh


def test_a_source_of_the_kernel_is_a_line() -> None:
    made = generated.filled("<!-- generated: kernel -->\n<!-- end of generated -->\n")
    lines = [line for line in made.splitlines() if line.startswith("|")]
    assert len(lines) == len([*(generated.ROOT / "leanfeed/kernel").glob("*.c")]) + 3
    assert made.count("\n") == len(lines) + 4
    assert not re.search(r"[/*;]", "".join(lines))
