"""Fails when leanfeed has become slow: by ratios within one run, so that no machine is too slow.

    python -m benchmarks.guard --competitors PYTHON

A leanfeed that is slowed on purpose runs along and has to be caught, else the guard is blind. What
looks too slow is measured once more before it counts. Folders are in memory where there is such a
place, so that the disk has no say.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from attrs import frozen

from benchmarks.field import FULL, OFFICIAL, Contestant, Stable
from benchmarks.jobs import JOBS
from benchmarks.places import in_memory
from benchmarks.provider import Provider
from benchmarks.race import Race
from benchmarks.sample import Sample
from benchmarks.stage_guard import stage_ratios, stage_rules

__all__ = ["LEAST", "Finding", "judged", "main"]

#: How many times as fast as the official client leanfeed has to be, end to end, without latency.
LEAST = 5.0

_SLOWED = Contestant("leanfeed-slowed", "with_leanfeed_slowed", "leanfeed, slowed on purpose")
_JOB = JOBS["minute-year"]


@frozen
class Finding:
    """One ratio, and what it may be."""

    what: str
    ratio: float
    least: float
    #: The ratio has to be below `least`: something slow that must not pass.
    is_to_fail: bool = False

    @property
    def is_well(self) -> bool:
        """Nothing has to be done about it."""
        return (self.ratio < self.least) is self.is_to_fail

    def __str__(self) -> str:
        sign = "<" if self.is_to_fail else "≥"
        word = "ok" if self.is_well else "TOO SLOW"
        if self.is_to_fail and not self.is_well:
            word = "NOT CAUGHT"
        return f"{word}: {self.what}: {self.ratio:.2f}, has to be {sign} {self.least:g}"


def judged(measurements: Iterable[Sequence[Finding]]) -> list[Finding]:
    """The last findings: those of the first measurement in which all is well, if there is one."""
    findings: list[Finding] = []
    for measured in measurements:
        findings = list(measured)
        if all(finding.is_well for finding in findings):
            break
    return findings


def _measured_twice(competitors: str) -> Iterator[list[Finding]]:
    with tempfile.TemporaryDirectory(prefix="leanfeed-guard-", dir=in_memory()) as name:
        folder = Path(name)
        home = folder / "home"
        home.mkdir()
        rules = stage_rules(Sample.of("minute"))
        with Provider() as provider:
            race = Race(provider, Stable(competitors, home), folder, lambda _: None)
            with race.compared(_JOB, (FULL, OFFICIAL, _SLOWED)) as reference:
                for repeats in (3, 5):
                    ratios = stage_ratios(rules, repeats=repeats * 2)
                    yield [
                        *_end_to_end(race, reference, repeats=repeats),
                        *(
                            Finding(rule.name, ratio, rule.least)
                            for rule, ratio in zip(rules, ratios, strict=True)
                        ),
                    ]


def _end_to_end(race: Race, reference: Path, *, repeats: int) -> Iterator[Finding]:
    laps = race.laps(_JOB, (FULL, OFFICIAL), reference=reference, repeats=repeats)
    laps |= race.laps(_JOB, (_SLOWED,), reference=reference, repeats=1)
    # The least of each: other users of the machine only ever add to a time.
    times = {name: min(lap.measured.wall for lap in own) for name, own in laps.items()}
    for contestant, is_to_fail in ((FULL, False), (_SLOWED, True)):
        yield Finding(
            f"{contestant.title}, end to end, against the official client",
            times[OFFICIAL.name] / times[contestant.name],
            LEAST,
            is_to_fail,
        )


def main() -> int:
    """Measure, say what was found, and return 1 when something is wrong."""
    parser = argparse.ArgumentParser(prog="benchmarks.guard")
    parser.add_argument("--competitors", required=True, metavar="PYTHON")
    findings = judged(_measured_twice(parser.parse_args().competitors))
    for finding in findings:
        sys.stdout.write(f"{finding}\n")
    return not all(finding.is_well for finding in findings)


if __name__ == "__main__":
    sys.exit(main())
