"""Why a session is on disk, or why it is not: who gave it, when, and what is known beside."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attrs import frozen

from leanfeed.coverages.coverage import Cell
from leanfeed.coverages.facts import Fact
from leanfeed.coverages.states import State
from leanfeed.values import Series
from leanfeed.wording import named, size

__all__ = ["Why"]


@frozen
class Why:
    """What :func:`leanfeed.why` found out about one session. Nothing was written or asked."""

    data_folder: Path
    series: Series
    date: dt.date
    #: The zip that holds the session, or would, relative to the data folder.
    path: str
    #: The state of the session, and what is known of it; None when there is none on that day.
    cell: Cell | None = None
    #: In sentences: why it is there, or is not.
    reasons: tuple[str, ...] = ()
    #: Whether the rows on disk are those that leanfeed remembers, by their digest. None when one of
    #: the two is not known.
    is_verified: bool | None = None
    #: What the ledger remembers, where the file holds something else.
    remembered: Fact | None = None
    #: Bytes of the zip, and when it was changed; None when there is none.
    size: int | None = None
    changed_at: dt.datetime | None = None

    @property
    def state(self) -> State | None:
        """The state of the session; None when the market has none on that day."""
        return None if self.cell is None else self.cell.state

    def to_dict(self) -> dict[str, Any]:
        """The same as plain JSON values."""
        cell = self.cell.to_dict() if self.cell else {}
        return {
            "data_folder": str(self.data_folder),
            "path": self.path,
            "symbol": self.series.symbol.ticker,
            "security_type": self.series.symbol.security_type.value,
            "market": self.series.symbol.market,
            "resolution": self.series.resolution.value,
            "tick_type": self.series.tick_type.value,
            "date": self.date.isoformat(),
            "state": None,
            **{name: value for name, value in cell.items() if name not in ("date", "why")},
            "why": list(self.reasons),
            "is_verified": self.is_verified,
            "remembered": self.remembered.to_dict() if self.remembered else None,
            "size": self.size,
            "changed_at": _instant(self.changed_at),
        }

    def to_json(self) -> str:
        """The same as indented JSON."""
        return json.dumps(self.to_dict(), indent=2)

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        state = "no session" if self.state is None else self.state.words
        yield f"{self.series.resolution} {named(self.series.symbol)} on {self.date}: {state}"
        yield from (f"  {reason}" for reason in self.reasons)
        for name, value in self._known():
            if value:
                yield f"  {name + ':':<12} {value}"

    def _known(self) -> Iterator[tuple[str, str | None]]:
        fact = (self.cell.fact if self.cell else None) or self.remembered
        if self.cell is not None and self.cell.anomaly is not None:
            yield "bar count", str(self.cell.anomaly)
        if fact is not None:
            is_past = self.state in (State.MISSING, State.DAMAGED) or fact is self.remembered
            then = " then" if is_past else ""
            yield f"source{then}", fact.source or "not leanfeed"
            yield "stored" if is_past else "since", f"{fact.affirmed_at:%Y-%m-%d %H:%M:%S} UTC"
            yield "request id", fact.request_id
            yield "asked after", fact.fallback
            yield f"bars{then}", str(fact.rows)
            digest = f"{fact.digest}{_verdict(self.is_verified)}" if fact.digest else ""
            yield f"digest{then}", digest
        yield "file", self.path
        if self.size is not None and self.changed_at is not None:
            yield "on disk", f"{size(self.size)}, changed {self.changed_at:%Y-%m-%d %H:%M:%S} UTC"


def _verdict(is_verified: bool | None) -> str:
    if is_verified is None:
        return ""
    return ", and the file has it" if is_verified else ", and the file has another one"


def _instant(when: dt.datetime | None) -> str | None:
    return None if when is None else when.isoformat(timespec="seconds")
