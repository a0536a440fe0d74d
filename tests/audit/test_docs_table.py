"""The table of kinds in the documentation is the one in the code."""

from __future__ import annotations

import re
from pathlib import Path

import leanfeed
from leanfeed.soundness.kinds import Kind

PAGE = Path(leanfeed.__file__).parents[1] / "docs/audit.md"


def test_every_kind_is_documented_as_it_is() -> None:
    rows = re.findall(r"^\| `([\w-]+)` \| (\w+) \| (.+) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert rows == [(kind.value, kind.severity.value, kind.meaning) for kind in Kind]


def test_words_are_stable_and_sentences_are_sentences() -> None:
    for kind in Kind:
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", kind.value)
        assert kind.value.replace("-", "_").upper() == kind.name
        for sentence in (kind.meaning, kind.advice):
            assert sentence.endswith(".")


def test_every_damage_can_be_mended_but_what_the_system_refuses() -> None:
    damage = {kind for kind in Kind if kind.severity == "damaged"}
    assert {kind for kind in damage if not kind.is_fetchable} == {Kind.REFUSED}
    assert {kind for kind in Kind if kind.is_fetchable} - damage == {
        Kind.CHANGED,
        Kind.THIN,
        Kind.JUMP,
        Kind.CONTRADICTED,
    }
