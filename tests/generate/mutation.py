"""Puts what mutation testing found into docs/guarantees.md; ``nox -s mutation`` runs both.

mutmut changes the code one place at a time, and runs the tests that pass through it. A change that
no test notices survived. Lines outside of functions, and functions with a decorator, stay as they
are.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

__all__ = ["table", "with_table"]

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/guarantees.md"
_PART = re.compile(
    r"(?<=<!-- mutation: made by tests/generate/mutation.py -->\n).*?(?=<!-- end of mutation -->)",
    re.DOTALL,
)
#: Exit codes of pytest, and mutmut's own: 33 is a change that no test passes through.
_NOTICED, _SURVIVED, _WITHOUT_TEST, _NEVER_ENDS = (1, 3), (0,), (5, 33), (24, -24, 36, 152, 255)


def table(results: Path) -> str:
    """What became of the changes in each module, as Markdown."""
    rows = [
        "| module | changes | noticed | survived | without a test | not tried | score |",
        "|---|---|---|---|---|---|---|",
    ]
    total: Counter[str] = Counter()
    for name, found in _modules(results):
        rows.append(_row(f"`{name}`", found))
        total += found
    return "\n".join([*rows, _row("all", total)]) + "\n"


def _modules(results: Path) -> Iterator[tuple[str, Counter[str]]]:
    for path in sorted(results.rglob("*.py.meta")):
        codes = json.loads(path.read_text("utf-8"))["exit_code_by_key"].values()
        found = Counter(map(_outcome, codes))
        if found:
            yield path.relative_to(results).with_suffix("").as_posix(), found


def _outcome(code: int | None) -> str:
    for outcome, codes in (
        ("noticed", (*_NOTICED, *_NEVER_ENDS)),
        ("survived", _SURVIVED),
        ("without a test", _WITHOUT_TEST),
    ):
        if code in codes:
            return outcome
    return "not tried"


def _row(name: str, found: Counter[str]) -> str:
    tried = found.total() - found["not tried"]
    score = f"{100 * found['noticed'] / tried:.0f} %" if tried else ""
    outcomes = ("noticed", "survived", "without a test", "not tried")
    counts = (found.total(), *(found[outcome] for outcome in outcomes))
    return f"| {name} | {' | '.join(map(str, counts))} | {score} |"


def with_table(text: str, made: str) -> str:
    """The text of the page with another table."""
    return _PART.sub(lambda _: made, text)


if __name__ == "__main__":
    made = table(Path(*sys.argv[1:2] or (ROOT / "mutants",)))
    PAGE.write_text(with_table(PAGE.read_text("utf-8"), made), "utf-8")
