"""A planner that plans several requests as one, or only some of their sessions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Set
from pathlib import Path, PurePosixPath

from attrs import evolve, frozen

from leanfeed.errors import DamagedFileError
from leanfeed.interfaces import GapPlanner
from leanfeed.lean.paths import parse_path
from leanfeed.plans import Plan, SeriesPlan
from leanfeed.request import Request
from leanfeed.values import Series, Session, Symbol

__all__ = ["ChosenPlanner"]

_Window = tuple[dt.date, dt.date]


@frozen
class ChosenPlanner:
    """Lets another planner plan each part, so that one run fetches exactly what is in them."""

    planner: GapPlanner
    #: Their symbols and resolutions together are those of the request that is planned.
    parts: tuple[Request, ...]
    #: The sessions that are wanted of each series; None: all that the parts ask for.
    dates: Mapping[Series, Set[dt.date]] | None = None

    def plan(self, request: Request, data_folder: Path) -> Plan:
        """See :class:`~leanfeed.interfaces.GapPlanner`."""
        plans = [
            self.planner.plan(evolve(part, asked_at=request.asked_at), data_folder)
            for part in self.parts
        ]
        series = tuple(planned for plan in plans for planned in plan.series)
        return Plan(
            request=request,
            window=_outer(plan.window for plan in plans),
            extended_window=_outer(plan.extended_window for plan in plans),
            series=series if self.dates is None else tuple(_chosen(series, self.dates)),
            unlisted=_unlisted(plans) if self.dates is None else {},
        )


def _outer(windows: Iterable[_Window]) -> _Window:
    starts, ends = zip(*windows, strict=True)
    return min(starts), max(ends)


def _unlisted(plans: Iterable[Plan]) -> dict[Symbol, tuple[Session, ...]]:
    return {symbol: sessions for plan in plans for symbol, sessions in plan.unlisted.items()}


def _chosen(
    series: Iterable[SeriesPlan], dates: Mapping[Series, Set[dt.date]]
) -> Iterator[SeriesPlan]:
    for planned in series:
        wanted = dates.get(planned.series, frozenset())

        def of(sessions: Iterable[Session], wanted: Set[dt.date] = wanted) -> tuple[Session, ...]:
            return tuple(session for session in sessions if session.date in wanted)

        if wanted:
            yield evolve(
                planned,
                present=of(planned.present),
                no_trades=of(planned.no_trades),
                missing=of(planned.missing),
                begun=of(planned.begun),
                unsettled=of(planned.unsettled),
                refresh=of(planned.refresh),
                foreign=of(planned.foreign),
                damaged=tuple(path for path in planned.damaged if _holds(path, wanted)),
            )


def _holds(path: str, dates: Set[dt.date]) -> bool:
    """Whether a file may hold one of the days; one for all time may."""
    try:
        _, day = parse_path(PurePosixPath(path))
    except DamagedFileError:
        return True
    return day is None or day in dates
