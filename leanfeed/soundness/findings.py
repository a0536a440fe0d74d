"""One thing that an audit found."""

from __future__ import annotations

import datetime as dt
from typing import Any

from attrs import frozen

from leanfeed.soundness.kinds import Kind, Severity
from leanfeed.values import Series

__all__ = ["AuditFinding"]


@frozen
class AuditFinding:
    """What is the matter with one file, or with some sessions of one series."""

    kind: Kind
    #: Relative to the data folder, with forward slashes.
    path: str
    #: What was found, in one sentence.
    text: str
    #: None where the path does not say it, or leanfeed cannot name such files yet.
    series: Series | None = None
    #: The trading days it is about, ascending; none when they are not known, or it is about none.
    dates: tuple[dt.date, ...] = ()

    @property
    def severity(self) -> Severity:
        """How bad it is."""
        return self.kind.severity

    @property
    def advice(self) -> str:
        """What to do about it."""
        return self.kind.advice

    def to_dict(self) -> dict[str, Any]:
        """The finding as plain JSON values."""
        series = self.series
        return {
            "severity": self.severity.value,
            "kind": self.kind.value,
            "path": self.path,
            "text": self.text,
            "advice": self.advice,
            "symbol": series.symbol.ticker if series else None,
            "security_type": series.symbol.security_type.value if series else None,
            "market": series.symbol.market if series else None,
            "resolution": series.resolution.value if series else None,
            "tick_type": series.tick_type.value if series else None,
            "dates": [date.isoformat() for date in self.dates],
        }
