"""Whose turn it is: in the order of the chain, unless a whole day of a market costs less."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING

from attrs import Factory, define, frozen

from leanfeed.interfaces import Bulk
from leanfeed.values import Choice, Estimate, Gap, Resolution, SecurityType, Session

if TYPE_CHECKING:
    from leanfeed.chain import NamedSource

    #: What a source says of the cost of some gaps; None: it cannot tell, or supports none of them.
    Ask = Callable[[NamedSource, Sequence[Gap]], Estimate | None]

__all__ = ["Turn", "choices", "turns"]

#: What a request and its bytes take on a usual line, several of them at a time.
_SECONDS_PER_REQUEST = 0.3
_BYTES_PER_SECOND = 10e6

_Kind = tuple[SecurityType, Resolution]
_Day = tuple[SecurityType, Resolution, dt.date]


@frozen
class Turn:
    """One source, and what it is asked for of all that is left."""

    named: NamedSource
    #: None: everything.
    only: frozenset[_Day] | None = None
    #: It has been asked for these.
    but: frozenset[_Day] = frozenset()

    def of(self, gaps: Sequence[Gap]) -> Sequence[Gap]:
        """What the source is asked for of some gaps."""
        if self.only is None and not self.but:
            return gaps
        parts = (Gap(gap.series, tuple(self._of(gap))) for gap in gaps)
        return [gap for gap in parts if gap.sessions]

    def _of(self, gap: Gap) -> Iterator[Session]:
        for session in gap.sessions:
            day = (gap.series.symbol.security_type, gap.series.resolution, session.date)
            if day not in self.but and (self.only is None or day in self.only):
                yield session


def turns(sources: Sequence[NamedSource], chosen: Iterable[Choice]) -> Iterator[Turn]:
    """Every source in its order; one that was chosen has a turn of its own before the other one."""
    order = {named.name: at for at, named in enumerate(sources)}
    earlier: defaultdict[str, list[Choice]] = defaultdict(list)
    for choice in chosen:
        if order[choice.source] > order[choice.rather_than]:
            earlier[choice.rather_than].append(choice)
    asked: defaultdict[str, frozenset[_Day]] = defaultdict(frozenset)
    for named in sources:
        for choice in earlier[named.name]:
            days = frozenset(
                (choice.security_type, choice.resolution, date) for date in choice.dates
            )
            yield Turn(sources[order[choice.source]], only=days)
            asked[choice.source] |= days
        yield Turn(named, but=asked[named.name])


def choices(sources: Sequence[NamedSource], gaps: Sequence[Gap], ask: Ask) -> Iterator[Choice]:
    """Weigh a source that fetches whole days of a market against one that does not.

    Of several of a sort the first one in the chain is weighed. Nothing is chosen where one of the
    two cannot tell what it costs.
    """
    bulk = next((one for one in sources if isinstance(one.source, Bulk)), None)
    other = next((one for one in sources if not isinstance(one.source, Bulk)), None)
    if bulk is None or other is None:
        return
    of_kind: defaultdict[_Kind, list[Gap]] = defaultdict(list)
    for gap in gaps:
        of_kind[gap.series.symbol.security_type, gap.series.resolution].append(gap)
    for kind, wanted in of_kind.items():
        yield from _weighed(bulk, other, kind, wanted, ask)


def _weighed(
    bulk: NamedSource, other: NamedSource, kind: _Kind, gaps: Sequence[Gap], ask: Ask
) -> Iterator[Choice]:
    everything = ask(other, gaps)
    if everything is None:
        return
    wanted = Counter(session for gap in gaps for session in gap.sessions)
    one_of = {session: gap.series for gap in gaps for session in gap.sessions}
    cheap, dear = _Days(), _Days()
    for session in sorted(wanted, key=lambda session: session.date):
        # One symbol of a day costs what all do: that is what a bulk source is.
        whole = ask(bulk, [Gap(one_of[session], (session,))])
        if whole is None:
            continue
        share = Fraction(wanted[session], wanted.total())
        is_cheap = _seconds(whole) < share * _seconds(everything)
        (cheap if is_cheap else dear).add(session.date, whole, share)
    if cheap.dates:
        one, other_one = cheap.in_bulk, cheap.part_of(everything)
        yield Choice(bulk.name, other.name, *kind, tuple(cheap.dates), one, other_one)
    if dear.dates:
        one, other_one = dear.part_of(everything), dear.in_bulk
        yield Choice(other.name, bulk.name, *kind, tuple(dear.dates), one, other_one)


@define
class _Days:
    """Days that the same of two sources is cheaper for."""

    dates: list[dt.date] = Factory(list)
    in_bulk: Estimate = Factory(lambda: Estimate(0, bytes=0))
    #: Of everything that is asked for.
    share: Fraction = Fraction(0)

    def add(self, date: dt.date, whole: Estimate, share: Fraction) -> None:
        """One more day, what all of it costs, and its share of everything."""
        self.dates.append(date)
        self.share += share
        self.in_bulk = Estimate(
            self.in_bulk.requests + whole.requests,
            self.in_bulk.seconds + whole.seconds,
            (self.in_bulk.bytes or 0) + (whole.bytes or 0),
        )

    def part_of(self, everything: Estimate) -> Estimate:
        """What these days cost where everything costs so much."""
        return Estimate(
            ceil(self.share * everything.requests),
            float(self.share) * everything.seconds,
            ceil(self.share * (everything.bytes or 0)),
        )


def _seconds(cost: Estimate) -> Fraction:
    """How long it takes on a usual line."""
    fetching = cost.requests * _SECONDS_PER_REQUEST + (cost.bytes or 0) / _BYTES_PER_SECOND
    return Fraction(max(cost.seconds, fetching))
