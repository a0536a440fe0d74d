"""The sessions of one series as a strip of SVG, with a shape of its own for each state."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from html import escape
from itertools import groupby

from leanfeed.coverages.coverage import SeriesCoverage
from leanfeed.coverages.states import State
from leanfeed.coverages.text import outcome

__all__ = ["SHAPES", "WORST", "buckets", "strip", "swatch"]

#: From top to bottom, of a height of 12: the shapes alone tell the states apart.
SHAPES: Mapping[State, Sequence[tuple[int, int]]] = {
    State.PRESENT: ((0, 12),),
    State.NO_TRADES: ((5, 2),),
    State.MISSING: ((0, 4), (8, 4)),
    State.PROVISIONAL: ((6, 6),),
    State.DAMAGED: ((0, 2), (3, 2), (7, 2), (10, 2)),
}
#: The worst first: what stands for several sessions.
WORST = (State.DAMAGED, State.MISSING, State.PROVISIONAL, State.NO_TRADES, State.PRESENT)
#: With more dates than this a mark stands for a week, with more than that for a month.
_MOST_DAYS, _MOST_WEEKS = 400, 2000


def buckets(dates: Sequence[dt.date]) -> list[list[int]]:
    """The places of the dates that share a mark."""
    key = _key(len(dates))
    groups = groupby(range(len(dates)), key=lambda place: key(dates[place]))
    return [list(places) for _, places in groups]


def _key(count: int) -> Callable[[dt.date], tuple[int, ...]]:
    """What dates that share a mark have in common."""
    if count <= _MOST_DAYS:
        return lambda date: (date.toordinal(),)
    if count <= _MOST_WEEKS:
        return lambda date: date.isocalendar()[:2]
    return lambda date: (date.year, date.month)


def strip(s: SeriesCoverage, worst: Sequence[int]) -> str:
    """One series, by the state that stands for each mark: its place in :data:`WORST`, if any."""
    paths: dict[State, str] = {}
    end = 0
    for rank, group in groupby(worst):
        start, end = end, end + len(list(group))
        if rank < len(WORST):
            state = WORST[rank]
            for top, height in SHAPES[state]:
                d = f"M{start} {top}h{end - start}v{height}h-{end - start}z"
                paths[state] = paths.get(state, "") + d
    drawn = "".join(f'<path class="{state}" d="{d}"/>' for state, d in paths.items())
    return (
        f'<svg viewBox="0 0 {len(worst)} 12" preserveAspectRatio="none" role="img" '
        f'aria-label="{escape(outcome(s))}">{drawn}</svg>'
    )


def swatch(state: State) -> str:
    """A mark for a legend."""
    d = "".join(f"M0 {top}h12v{height}h-12z" for top, height in SHAPES[state])
    return f'<svg class="swatch" viewBox="0 0 12 12"><path class="{state}" d="{d}"/></svg>'
