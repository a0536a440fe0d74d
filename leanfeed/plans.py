"""The plan: for every series what is present and what is missing, before anyone is asked."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from attrs import Factory, field, frozen

from leanfeed.request import Request
from leanfeed.values import Choice, Estimate, Gap, Series, Session, Symbol

if TYPE_CHECKING:
    from leanfeed.ledger import Entry

__all__ = ["Plan", "SeriesPlan"]


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


@frozen(repr=False)
class Plan:
    """What :func:`leanfeed.plan` found. Making it wrote nothing and asked no provider."""

    request: Request
    #: First and last day asked for.
    window: tuple[dt.date, dt.date]
    #: The window with the warm-up before it.
    extended_window: tuple[dt.date, dt.date]
    series: tuple[SeriesPlan, ...]
    #: Where they are looked for.
    data_folder: Path = field(factory=Path, eq=os.path.abspath)
    #: What each source of the chain would cost, were it to fill all gaps that it supports. None:
    #: the source cannot tell, or supports none of them.
    estimates: Mapping[str, Estimate | None] = field(factory=dict)
    #: Days for which the cheaper of two sources is asked first, where one of them fetches whole
    #: days of a market.
    choices: tuple[Choice, ...] = ()
    #: Sessions before the listing of a symbol or after its delisting, by LEAN's map files; they are
    #: in no series, and nobody is asked for them.
    unlisted: Mapping[Symbol, tuple[Session, ...]] = field(factory=dict)
    #: About how many bytes will be written: as the folder's own files of a series have, else as
    #: LEAN's samples have.
    bytes: int = 0

    @cached_property
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

    def __repr__(self) -> str:
        start, end = self.window
        return f"<Plan of {start} … {end}: {self.missing} missing, {self.present} present>"

    def __str__(self) -> str:
        from leanfeed.plan_text import as_text

        return as_text(self)

    def _repr_html_(self) -> str:
        from leanfeed.plan_text import as_html

        return as_html(self)
