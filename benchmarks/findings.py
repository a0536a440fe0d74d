"""What a results file holds, asked by name."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from attrs import frozen

__all__ = ["Heat", "Results"]


@frozen
class Heat:
    """One job, at one latency, by some contestants."""

    facts: Mapping[str, Any]

    @property
    def contestants(self) -> Sequence[str]:
        """By name, leanfeed first."""
        return list(self.facts["laps"])

    @property
    def time_is(self) -> str:
        """Which time of a lap counts: the call's, or the whole process's."""
        return "process" if self.facts["is_cold"] else "wall"

    @property
    def title(self) -> str:
        """The job, the latency, and from where to where it was timed."""
        cold = ", whole processes" if self.facts["is_cold"] else ""
        place = ", on the disk" if self.facts["is_on_disk"] else ""
        return f"{self.facts['title']}, {self.facts['latency_ms']} ms latency{cold}{place}"

    def values(self, contestant: str, what: str) -> list[float]:
        """One number of every lap."""
        return [lap[what] for lap in self.facts["laps"][contestant]]

    def middle(self, contestant: str, what: str) -> float:
        """The median over the laps."""
        return median(self.values(contestant, what))

    def again(self, contestant: str) -> float:
        """The median of the seconds of all second runs."""
        laps = self.facts["laps"][contestant]
        return float(median(seconds for lap in laps for seconds in lap["again"]))

    def times(self, contestant: str) -> tuple[float, float, float]:
        """The least, the median and the most seconds."""
        seconds = self.values(contestant, self.time_is)
        return min(seconds), median(seconds), max(seconds)

    def ratio(self, contestant: str, other: str, *, what: str = "wall") -> float:
        """How many times as much as the first the other took, by the medians."""
        return self.middle(other, what) / self.middle(contestant, what)


@frozen
class Results:
    """A whole file."""

    facts: Mapping[str, Any]

    @classmethod
    def read(cls, path: Path) -> Results:
        """From the file that ``benchmarks.run --out`` wrote."""
        return cls(json.loads(path.read_text("utf-8")))

    @property
    def heats(self) -> Sequence[Heat]:
        """In the order in which they were run."""
        return [Heat(facts) for facts in self.facts["races"]]

    def heat(self, job: str, *, latency_ms: int = 0, is_cold: bool = False) -> Heat | None:
        """The one in memory that is meant; None when it was not run."""
        wanted = {
            "job": job, "latency_ms": latency_ms, "is_cold": is_cold, "is_on_disk": False,
        }  # fmt: skip
        return next(
            (heat for heat in self.heats if all(heat.facts[k] == v for k, v in wanted.items())),
            None,
        )
