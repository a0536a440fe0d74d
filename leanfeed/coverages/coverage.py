"""What a data folder holds, session by session."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from attrs import Factory, field, frozen

from leanfeed.coverages.anomalies import Anomaly
from leanfeed.coverages.facts import Fact, Facts
from leanfeed.coverages.states import Reason, State
from leanfeed.values import Series, Session, Symbol

__all__ = ["Cell", "Coverage", "SeriesCoverage"]


@frozen
class Cell:
    """One session of one series."""

    session: Session
    reason: Reason
    #: What leanfeed remembers of it; None when that is nothing.
    fact: Fact | None = None
    #: What is odd about the number of its bars.
    anomaly: Anomaly | None = None

    @property
    def state(self) -> State:
        """Whether its bars are there."""
        return self.reason.state

    def to_dict(self) -> dict[str, Any]:
        """The session as plain JSON values."""
        return {
            "date": str(self.session),
            "state": self.state.value,
            "why": self.reason.text,
            **(self.fact.to_dict() if self.fact else {}),
            **({"anomaly": self.anomaly.to_dict()} if self.anomaly else {}),
        }


@frozen
class SeriesCoverage:
    """The sessions of one series, oldest first."""

    series: Series
    sessions: tuple[Session, ...]
    #: Why each session is in its state.
    reasons: tuple[Reason, ...]
    facts: Facts = field(repr=False)
    #: Sessions whose number of bars is not what their neighbours have.
    anomalies: Mapping[Session, Anomaly] = field(factory=dict)
    #: Files that cannot be read, relative to the data folder, and what is the matter with them.
    damaged: Mapping[str, str] = field(factory=dict)
    #: The symbols of the request that had this ticker, by LEAN's map files.
    asked_as: tuple[Symbol, ...] = Factory(lambda self: (self.series.symbol,), takes_self=True)

    @property
    def cells(self) -> Iterator[Cell]:
        """Every session with its state and what is known of it."""
        for position, (session, reason) in enumerate(zip(self.sessions, self.reasons, strict=True)):
            yield Cell(session, reason, self.facts[position], self.anomalies.get(session))

    @property
    def counts(self) -> dict[State, int]:
        """How many sessions are in each state; together they are all sessions."""
        found = Counter(self.reasons)
        counts = dict.fromkeys(State, 0)
        for reason, count in found.items():
            counts[reason.state] += count
        return counts

    @property
    def by_source(self) -> dict[str, int]:
        """How many sessions each source gave that are there, or had no trades."""
        given = (Reason.STORED, Reason.AFFIRMED)
        pairs = zip(self.facts.sources, self.reasons, strict=True)
        return dict(Counter(source for source, reason in pairs if reason in given and source))

    @property
    def percent(self) -> float | None:
        """See :attr:`Coverage.percent`."""
        return _percent(self.counts)

    def of(self, state: State) -> tuple[Session, ...]:
        """The sessions in a state."""
        return tuple(
            session
            for session, reason in zip(self.sessions, self.reasons, strict=True)
            if reason.state is state
        )


@frozen
class Coverage:
    """What :func:`leanfeed.coverage` saw. Making it wrote nothing and asked no provider."""

    data_folder: Path
    #: When it was made, UTC.
    seen_at: dt.datetime
    series: tuple[SeriesCoverage, ...] = ()
    #: Series with files whose trading days nobody knows; they are in no other group.
    uncharted: tuple[Series, ...] = ()
    #: Series that are not on disk, and nobody said from which day on they should be.
    absent: tuple[Series, ...] = ()
    #: Sessions before the listing of a symbol or after its delisting, by LEAN's map files; they are
    #: in no series.
    unlisted: Mapping[Symbol, tuple[Session, ...]] = field(factory=dict)

    @property
    def window(self) -> tuple[dt.date, dt.date] | None:
        """The first and the last session; None when there is none."""
        shown = [s.sessions for s in self.series if s.sessions]
        if not shown:
            return None
        return min(s[0].date for s in shown), max(s[-1].date for s in shown)

    @property
    def counts(self) -> dict[State, int]:
        """How many sessions are in each state."""
        counts = dict.fromkeys(State, 0)
        for s in self.series:
            for state, count in s.counts.items():
                counts[state] += count
        return counts

    @property
    def by_source(self) -> dict[str, int]:
        """How many sessions each source gave; see :attr:`SeriesCoverage.by_source`."""
        counts: Counter[str] = Counter()
        for s in self.series:
            counts.update(s.by_source)
        return dict(counts)

    @property
    def percent(self) -> float | None:
        """Percent of the sessions that are present or had no trades.

        Provisional ones count neither way. None when no session counts.
        """
        return _percent(self.counts)

    def to_dict(self) -> dict[str, Any]:
        """The coverage as plain JSON values."""
        return {
            "data_folder": str(self.data_folder),
            "seen_at": self.seen_at.isoformat(timespec="seconds"),
            "window": [day.isoformat() for day in self.window] if self.window else None,
            **_totals(self),
            "series": [
                {
                    "symbol": s.series.symbol.ticker,
                    "security_type": s.series.symbol.security_type.value,
                    "market": s.series.symbol.market,
                    "resolution": s.series.resolution.value,
                    "tick_type": s.series.tick_type.value,
                    "asked_as": [symbol.ticker for symbol in s.asked_as],
                    **_totals(s),
                    "damaged_files": dict(s.damaged),
                    "sessions": [cell.to_dict() for cell in s.cells],
                }
                for s in self.series
            ],
            "uncharted": [str(series) for series in self.uncharted],
            "absent": [str(series) for series in self.absent],
            "unlisted": {
                symbol.ticker: [str(session) for session in sessions]
                for symbol, sessions in self.unlisted.items()
            },
        }

    def to_json(self) -> str:
        """The coverage as indented JSON."""
        return json.dumps(self.to_dict(), indent=2)

    def to_html(self) -> str:
        """A page that needs nothing else: for a browser, a printer, or a colleague."""
        from leanfeed.coverages.page import page

        return page(self)

    def _repr_html_(self) -> str:
        from leanfeed.coverages.page.fragment import fragment

        return fragment(self)

    def __str__(self) -> str:
        from leanfeed.coverages.text import summary

        return "\n".join(summary(self))


def _totals(counted: Coverage | SeriesCoverage) -> dict[str, Any]:
    percent = counted.percent
    return {
        "percent": None if percent is None else math.floor(1000 * percent) / 1000,
        **{state.value: count for state, count in counted.counts.items()},
        "by_source": counted.by_source,
    }


def _percent(counts: Mapping[State, int]) -> float | None:
    known = counts[State.PRESENT] + counts[State.NO_TRADES]
    settled = known + counts[State.MISSING] + counts[State.DAMAGED]
    return 100 * known / settled if settled else None
