"""The plan: for every series what is present and what is missing, before anyone is asked."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from attrs import Factory, field, frozen

from leanfeed.request import Request
from leanfeed.values import Estimate, Gap, Series, Session, Symbol
from leanfeed.wording import (
    capped,
    counted,
    duration,
    grouped,
    other_names,
    ranges,
    size,
    unlisted_lines,
)

if TYPE_CHECKING:
    from leanfeed.ledger import Entry

__all__ = ["Plan", "SeriesPlan"]

#: Lines for what is there of the series; the longest list fits on a screen.
_MOST = 8


@frozen
class SeriesPlan:
    """What the data folder holds of one series. The groups are disjoint, each oldest first."""

    series: Series
    #: On disk and readable.
    present: tuple[Session, ...] = ()
    #: A provider affirmed that there was no trading.
    no_trades: tuple[Session, ...] = ()
    #: To be fetched.
    missing: tuple[Session, ...] = ()
    #: Those of `missing` that are going on, or too recent for the provider to be final; the next
    #: run fetches them again.
    begun: tuple[Session, ...] = ()
    #: Not over yet, or too recent for the provider to be final, and not to be fetched.
    unsettled: tuple[Session, ...] = ()
    #: On disk, and to be fetched again because the request says so.
    refresh: tuple[Session, ...] = ()
    #: Those of `present` that the request wants fetched again, but that leanfeed did not write.
    foreign: tuple[Session, ...] = ()
    #: Those of `no_trades` that look like a hole in the provider's data, because the sessions
    #: around them are full: believed for a day at a time.
    suspicious: tuple[Session, ...] = ()
    #: Files that were opened to make the plan, by date, for :meth:`leanfeed.ledger.Ledger.adopt`.
    verified: Mapping[dt.date, Entry] = field(factory=dict, repr=False, eq=False)
    #: Files that cannot be read, relative to the data folder; their sessions are missing.
    damaged: tuple[str, ...] = ()
    #: The symbols of the request that had this ticker, by LEAN's map files.
    asked_as: tuple[Symbol, ...] = Factory(lambda self: (self.series.symbol,), takes_self=True)

    @property
    def wanted(self) -> tuple[Session, ...]:
        """What is to be fetched, oldest first: what is missing, and what is to be refreshed."""
        if not self.refresh:
            return self.missing
        return tuple(sorted((*self.missing, *self.refresh), key=lambda session: session.date))


@frozen
class Plan:
    """What :func:`leanfeed.plan` found. Making it wrote nothing and asked no provider."""

    request: Request
    #: First and last day asked for.
    window: tuple[dt.date, dt.date]
    #: The window with the warm-up before it.
    extended_window: tuple[dt.date, dt.date]
    series: tuple[SeriesPlan, ...]
    #: Where they are looked for.
    data_folder: Path = field(factory=Path)
    #: What each source of the chain would cost, were it to fill all gaps that it supports. None:
    #: the source cannot tell, or supports none of them.
    estimates: Mapping[str, Estimate | None] = field(factory=dict)
    #: Sessions before the listing of a symbol or after its delisting, by LEAN's map files; they are
    #: in no series, and nobody is asked for them.
    unlisted: Mapping[Symbol, tuple[Session, ...]] = field(factory=dict)
    #: About how many bytes will be written: as the folder's own files of a series have, else as
    #: LEAN's samples have.
    bytes: int = 0

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What is to be fetched, one gap per series."""
        return tuple(Gap(s.series, s.wanted) for s in self.series if s.wanted)

    @property
    def missing(self) -> int:
        """Number of sessions that the folder lacks."""
        return sum(len(s.missing) for s in self.series)

    @property
    def refresh(self) -> int:
        """Number of sessions that are on disk and to be fetched again."""
        return sum(len(s.refresh) for s in self.series)

    @property
    def present(self) -> int:
        """Number of sessions that are on disk."""
        return sum(len(s.present) for s in self.series)

    @property
    def known(self) -> int:
        """Number of sessions that are on disk, or known to have had no trading."""
        return self.present + sum(len(s.no_trades) for s in self.series)

    @property
    def unsettled(self) -> int:
        """Number of sessions that are too recent to be fetched."""
        return sum(len(s.unsettled) for s in self.series)

    def to_dict(self) -> dict[str, Any]:
        """The plan as plain JSON values."""
        from leanfeed.plan_json import plan_values

        return plan_values(self)

    def to_json(self) -> str:
        """The plan as indented JSON, for :meth:`from_json`. It holds no secrets."""
        return json.dumps(self.to_dict(), indent=2)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """A plan that was saved, for :func:`leanfeed.apply`.

        Raises:
            InvalidRequestError: it is no plan, or one of another version of leanfeed.
            ConfigurationError: the calendar of its data folder cannot be read.
        """
        from leanfeed.plan_json import read_plan

        values, series = read_plan(text)
        return cls(**values, series=tuple(SeriesPlan(**one) for one in series))

    def __str__(self) -> str:
        outcomes = grouped((s.series, _outcome(s)) for s in self.series)
        if len(outcomes) > _MOST:
            most_first = sorted(self.series, key=lambda s: -len(s.wanted))
            outcomes = grouped((s.series, _outcome(s)) for s in most_first)
        lines = [_headline(self), *capped(outcomes, limit=_MOST)]
        lines += capped(unlisted_lines(self.unlisted))
        for source, estimate in self.estimates.items() if self.gaps else ():
            lines.append(f"  {source} would need: {_cost(estimate)}")
        if self.bytes:
            lines.append(f"  about {size(self.bytes)} to be written")
        return "\n".join(lines)


def _cost(estimate: Estimate | None) -> str:
    if estimate is None:
        return "cannot tell"
    limit = f", {duration(estimate.seconds)} at its rate limit" if estimate.seconds >= 1 else ""
    fetched = f", about {size(estimate.bytes)} to be fetched" if estimate.bytes else ""
    return counted(estimate.requests, "request") + limit + fetched


def _outcome(s: SeriesPlan) -> str:
    parts = [f"{len(s.present)} present"] if s.present else []
    if s.no_trades:
        parts.append(f"{len(s.no_trades)} without trades")
    if s.suspicious:
        parts.append(f"{len(s.suspicious)} of them suspicious ({ranges(s.suspicious)})")
    if s.missing:
        parts.append(f"{len(s.missing)} missing ({ranges(s.missing)})")
    if s.refresh:
        parts.append(f"{len(s.refresh)} to be fetched again ({ranges(s.refresh)})")
    if s.foreign:
        parts.append(f"{len(s.foreign)} not leanfeed's own ({ranges(s.foreign)})")
    if s.unsettled:
        parts.append(f"{len(s.unsettled)} not settled yet ({ranges(s.unsettled)})")
    if s.damaged:
        parts.append(f"damaged: {', '.join(s.damaged)}")
    return (", ".join(parts) or "no sessions") + other_names(s.series, s.asked_as)


def _headline(plan: Plan) -> str:
    start, end = plan.window
    warmup = ""
    if plan.extended_window != plan.window:
        warmup = f", with warm-up from {plan.extended_window[0]}"
    what = f"{counted(plan.missing, 'session')} missing" if plan.missing else "nothing missing"
    return f"{start} … {end}{warmup} in {plan.data_folder}: {what}, {plan.present} present"
