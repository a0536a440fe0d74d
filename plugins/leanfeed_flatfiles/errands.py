"""What is to be fetched, sorted by the kind of flat file that holds it, and by date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from attrs import field, frozen

from leanfeed.values import Gap, Resolution, SecurityType, Series, Session
from leanfeed_flatfiles.data_types import DataType

__all__ = ["Errand", "data_type_of", "errands"]


def data_type_of(series: Series, *, day_from: str) -> DataType | None:
    """Which files hold a series; the days of stocks are made from `day` or from `minutes`."""
    kind, resolution = series.symbol.security_type, series.resolution
    if (kind, resolution) == (SecurityType.OPTION, Resolution.HOUR):
        return None  # LEAN has hours of options; nobody has asked for them
    if (kind, resolution, day_from) == (SecurityType.EQUITY, Resolution.DAILY, "minutes"):
        resolution = Resolution.MINUTE
    return DataType.of(kind, resolution)


@frozen(eq=False)
class Errand:
    """The gaps that files of one kind fill."""

    data_type: DataType
    gaps: tuple[Gap, ...]
    #: Every date that one of the gaps lacks, oldest first.
    dates: tuple[dt.date, ...] = field(init=False)
    #: How far each gap has come.
    _positions: list[int] = field(init=False)

    @dates.default
    def _all_dates(self) -> tuple[dt.date, ...]:
        return tuple(sorted({session.date for gap in self.gaps for session in gap.sessions}))

    @_positions.default
    def _begin(self) -> list[int]:
        return [0] * len(self.gaps)

    def on(self, date: dt.date) -> list[tuple[Series, Session]]:
        """What is wanted of a date; dates have to come in order, and may be left out."""
        wanted = []
        for i, gap in enumerate(self.gaps):
            sessions, at = gap.sessions, self._positions[i]
            while at < len(sessions) and sessions[at].date < date:
                at += 1
            self._positions[i] = at
            if at < len(sessions) and sessions[at].date == date:
                wanted.append((gap.series, sessions[at]))
        return wanted


def errands(gaps: Iterable[Gap], *, day_from: str) -> Sequence[Errand]:
    """One for each kind of file, in the order in which they are first needed."""
    kinds: dict[DataType, list[Gap]] = {}
    for gap in gaps:
        data_type = data_type_of(gap.series, day_from=day_from)
        if data_type is not None:
            kinds.setdefault(data_type, []).append(gap)
    return [Errand(data_type, tuple(group)) for data_type, group in kinds.items()]
