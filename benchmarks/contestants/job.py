"""What a contestant is told; only the standard library, for every environment."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

__all__ = ["KEY", "Job"]

#: A key that no provider knows.
KEY = "a-key-only-for-benchmarks"


@dataclass(frozen=True)
class Job:
    """Which bars to fetch from where, and the data folder to put them into."""

    url: str
    tickers: tuple[str, ...]
    #: ``second`` or ``minute``.
    timespan: str
    #: First and last day, both inclusive.
    start: str
    end: str
    folder: str

    @classmethod
    def from_json(cls, text: str) -> Job:
        """The inverse of :meth:`to_json`."""
        facts = json.loads(text)
        return cls(**{**facts, "tickers": tuple(facts["tickers"])})

    def to_json(self) -> str:
        """One line."""
        return json.dumps(asdict(self))
