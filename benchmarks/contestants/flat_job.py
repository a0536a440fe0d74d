"""What a contestant is told that turns a flat file into LEAN's; only the standard library."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

__all__ = ["FlatJob"]


@dataclass(frozen=True)
class FlatJob:
    """Which file to read, and the data folder to put its bars into."""

    #: A folder that holds the file and that of the days of all tickers, named as in the bucket.
    bucket: str
    date: str
    folder: str
    #: Only these; nothing: all there are.
    tickers: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        """That of the minutes."""
        month = self.date[:7].replace("-", "/")
        return f"{self.bucket}/us_stocks_sip/minute_aggs_v1/{month}/{self.date}.csv.gz"

    @classmethod
    def from_json(cls, text: str) -> FlatJob:
        """The inverse of :meth:`to_json`."""
        facts = json.loads(text)
        return cls(**{**facts, "tickers": tuple(facts["tickers"])})

    def to_json(self) -> str:
        """One line."""
        return json.dumps(asdict(self))
