"""What a contestant is told that turns a flat file into LEAN's; only the standard library."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

__all__ = ["FlatJob"]


@dataclass(frozen=True)
class FlatJob:
    """Which file to read, and the data folder to put its bars into."""

    file: str
    date: str
    folder: str
    #: Only these; nothing: all there are.
    tickers: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, text: str) -> FlatJob:
        """The inverse of :meth:`to_json`."""
        facts = json.loads(text)
        return cls(**{**facts, "tickers": tuple(facts["tickers"])})

    def to_json(self) -> str:
        """One line."""
        return json.dumps(asdict(self))
