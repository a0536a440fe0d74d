"""The rules of the conformance kit as values: a number and a sentence each."""

from __future__ import annotations

import inspect
import re

from attrs import frozen

__all__ = ["Rule", "rules"]

_RULE = re.compile(r"([SPW]\d+)\. (.+)", re.DOTALL)


@frozen
class Rule:
    """One rule: the docstring of the test that checks it."""

    #: Such as ``S1``.
    number: str
    text: str


def rules(kit: type) -> list[Rule]:
    """The rules that a conformance class holds, in the order of their numbers."""
    found = []
    for name, test in inspect.getmembers(kit, inspect.isfunction):
        if name.startswith("test_") and (said := _RULE.match(inspect.getdoc(test) or "")):
            found.append(Rule(said[1], " ".join(said[2].split())))
    return sorted(found, key=lambda rule: int(rule.number[1:]))
