"""The page on the benchmark names what the report has."""

from __future__ import annotations

import json
import re
from pathlib import Path

from click.testing import CliRunner

from leanfeed.cli import cli
from tests.bench.build import report

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/bench.md").read_text(encoding="utf-8")


def tables() -> list[list[str]]:
    """The keys that each table of the page explains."""
    found = re.findall(r"^\| key \| what \|\n\|[-|]+\n((?:\|.*\n)+)", PAGE, flags=re.MULTILINE)
    return [
        [key for row in rows.splitlines() for key in re.findall(r"`(\w+)`", row.split("|")[1])]
        for rows in found
    ]


def test_every_key_is_explained() -> None:
    whole, legs, rows = tables()
    claims, claims_nothing = report().to_dict(), report(stand_in=True).to_dict()
    assert sorted(whole) == sorted({*claims, *claims_nothing})
    assert sorted(legs) == sorted({*claims["native"], *claims["cli"]})
    assert sorted(rows) == sorted(claims["rows"])


def test_the_picture_is_of_a_report_that_claims_nothing() -> None:
    (path,) = re.findall(r"!\[.+\]\((.+)\)", PAGE)
    picture = (ROOT / "docs" / path).resolve()
    assert "nothing is claimed" in picture.read_text(encoding="utf-8").lower()
    assert json.loads(picture.with_suffix(".json").read_text(encoding="utf-8"))["stand_in"]


def test_the_help_knows_every_option_that_is_shown() -> None:
    text = CliRunner().invoke(cli, ["bench", "--help"]).output
    option = r"--[a-z][a-z-]+"
    assert set(re.findall(option, PAGE)) <= set(re.findall(option, text))
