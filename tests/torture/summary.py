"""Runs campaigns and puts the table of points, faults and failures into docs/guarantees.md.

    LEANFEED_TORTURE=full nox -s torture -- [WORDS …]

With words only the campaigns whose description holds one of them; the other rows stay.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path

from attrs import frozen

from tests.torture.form import IS_FULL

__all__ = ["CAMPAIGNS", "MARKERS", "Campaign"]

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/guarantees.md"
MARKERS = ("<!-- campaigns: made by tests/torture/summary.py -->", "<!-- end of campaigns -->")


@frozen
class Campaign:
    """A row of the table."""

    #: What is done to leanfeed.
    done: str
    tests: tuple[str, ...]
    #: Which of them belong to the short form.
    short: str = "slow or not slow"


HEAD = ("| what is done | form | points | faults | failures |", "|---|---|---|---|---|")

CAMPAIGNS = (
    Campaign("SIGKILL at a random moment", ("tests/torture/test_kills.py",)),
    Campaign("SIGKILL at a system call that writes", ("tests/torture/test_system_calls.py",)),
    Campaign(
        "SIGKILL of many new files at a system call",
        ("tests/kernel/test_order.py::test_killed_at_each_call_that_writes",),
    ),
    Campaign("SIGKILL of the writer alone", ("tests/storage/test_kills.py",)),
    Campaign("the n-th file operation of a run fails", ("tests/torture/test_failing_calls.py",)),
    Campaign(
        "the n-th file operation of the writer fails", ("tests/storage/test_failing_calls.py",)
    ),
    Campaign("many new files on a disk that fails", ("tests/kernel/test_failing_disk.py",)),
    Campaign("sixteen runs at a time", ("tests/test_claims.py",)),
    Campaign(
        "sixteen runs at a time, locks that lie",
        ("tests/torture/test_swarms.py", "tests/storage/test_lying_locks.py"),
    ),
    Campaign("anything to a folder in any order", ("tests/torture/test_machine.py",)),
    Campaign("odd surroundings", ("tests/torture/test_environment.py",)),
    Campaign("signals", ("tests/torture/test_signals.py",)),
    Campaign("plugins that misbehave", ("tests/torture/test_plugins.py",)),
    Campaign("noise in place of files", ("tests/torture/test_noise.py",)),
    Campaign(
        "servers that misbehave",
        ("tests/polygon/test_fault_campaign.py", "tests/polygon/test_market_day_campaign.py"),
        short="not slow",
    ),
)


def row(campaign: Campaign) -> str:
    """Run a campaign; its row of the table."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        marks = "slow or not slow" if IS_FULL else campaign.short
        chosen = ["-m", marks, "-o", "junit_family=xunit1", "--timeout", "3600"]
        command = [sys.executable, "-m", "pytest", *chosen, f"--junitxml={report}", *campaign.tests]
        subprocess.run(command, cwd=ROOT, check=False, stdout=sys.stderr)
        cases = list(ET.parse(report).iter("testcase"))
    cases = [case for case in cases if case.find("skipped") is None]
    failures = sum(case.find(kind) is not None for case in cases for kind in ("failure", "error"))
    points, faults = (sum(_count(case, name) for case in cases) for name in ("points", "faults"))
    form = "full" if IS_FULL else "short"
    return f"| {campaign.done} | {form} | {points} | {faults} | {failures} |"


def _count(case: ET.Element, name: str) -> int:
    """What a test recorded under a name; one test is one point and one fault unless it says so."""
    found = case.find(f"properties/property[@name='{name}']")
    return 1 if found is None else int(found.get("value", ""))


def rows(table: str) -> dict[str, str]:
    """The rows that a table has, by what is done."""
    return {line.split(" | ")[0].strip("| "): line for line in table.splitlines() if "| " in line}


def main(*words: str) -> int:
    """Run what is asked for and write the table; returns 1 when a promise was broken."""
    code = 0
    for campaign in CAMPAIGNS:
        if words and not any(word in campaign.done for word in words):
            continue
        made = row(campaign)
        code |= not made.endswith("| 0 |")
        before, rest = PAGE.read_text("utf-8").split(MARKERS[0])
        table, after = rest.split(MARKERS[1])
        known = rows(table) | {campaign.done: made}
        kept = [known[one.done] for one in CAMPAIGNS if one.done in known]
        PAGE.write_text(before + "\n".join([MARKERS[0], *HEAD, *kept, MARKERS[1]]) + after, "utf-8")
    return code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
