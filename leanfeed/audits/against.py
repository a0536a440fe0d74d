"""Asks another source for a sample of what is on disk, and compares. Nothing is stored."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from typing import Any

import numpy as np
from attrs import define, field, frozen

from leanfeed.audits.comparison import BarDifference, Comparison, Difference
from leanfeed.audits.sample import Sample
from leanfeed.bars import Bars, QuoteBars
from leanfeed.errors import InvalidRequestError
from leanfeed.interfaces import DataSource
from leanfeed.lean.reader import read_series
from leanfeed.logs import redacting_logs
from leanfeed.options import ChainBars
from leanfeed.run import prepare
from leanfeed.values import Series, Session

__all__ = ["Against", "difference"]

_VALUES = ("open", "high", "low", "close", "volume")
#: So many values of a session are kept.
_KEPT = 20
#: What LEAN's text may add to a price on its way to a float.
_ROUNDING = 1e-12


@frozen
class Against:
    """What to compare with, and how closely.

    Raises:
        InvalidRequestError: a number cannot be meant.
    """

    source: str | DataSource
    #: Sessions to compare.
    sample: int = 20
    #: Percent by which prices may differ.
    price_tolerance: float = 0.05
    volume_tolerance: float = 5.0

    def __attrs_post_init__(self) -> None:
        if isinstance(self.sample, bool) or not isinstance(self.sample, int) or self.sample < 1:
            raise InvalidRequestError(f"The sample is {self.sample!r}: use 1 or more sessions.")
        for name in ("price_tolerance", "volume_tolerance"):
            value = getattr(self, name)
            if not isinstance(value, int | float) or not 0 <= value <= 100:
                raise InvalidRequestError(f"`{name}` is {value!r}: use a number of percent.")

    def compare(
        self, sample: Sample, data_folder: Path, config: str | os.PathLike[str] | None
    ) -> Comparison:
        """Fetch the sample and hold it against the files.

        Raises:
            ConfigurationError: there is no such source, or its settings cannot work.
        """
        run = prepare(config, data_folder=data_folder, sources=[self.source])
        chain = run.chain()
        disk = _Disk(data_folder)
        left = {(gap.series, session) for gap in sample.gaps for session in gap.sessions}
        sampled, same, found = len(left), 0, []
        with redacting_logs(run.redactor):
            for delivery in chain.fetch(sample.gaps):
                series, session, there = delivery.series, delivery.session, delivery.bars
                assert not isinstance(there, ChainBars)  # they are not sampled
                left.discard((series, session))
                differs = difference(
                    series,
                    session,
                    disk.bars(series, session),
                    there,
                    prices=self.price_tolerance,
                    volumes=self.volume_tolerance,
                )
                same += differs is None
                found += [differs] if differs else []
        return Comparison(
            source=" and ".join(named.name for named in chain.sources),
            price_tolerance=self.price_tolerance,
            volume_tolerance=self.volume_tolerance,
            sampled=sampled,
            same=same,
            differences=tuple(sorted(found, key=lambda one: (one.series, one.session.date))),
            unanswered={
                key: chain.reasons.get(key, "the source does not support it")
                for key in sorted(left, key=lambda key: (key[0], key[1].date))
            },
            failures=tuple(chain.failures),
        )


@define
class _Disk:
    """The bars of single sessions; a file that holds all of a series is read once."""

    _data_folder: Path
    _shared: dict[Series, Bars | QuoteBars] = field(factory=dict, init=False)

    def bars(self, series: Series, session: Session) -> Bars | QuoteBars:
        """The bars of one session."""
        if series.resolution.is_file_per_session:
            day = session.date
            return self._read(series, day)
        if series not in self._shared:
            self._shared[series] = self._read(series, None)
        return self._shared[series].between(*session.day)

    def _read(self, series: Series, day: dt.date | None) -> Bars | QuoteBars:
        bars = read_series(self._data_folder, series, start=day, end=day)
        assert not isinstance(bars, ChainBars)  # they are not sampled
        return bars


def difference(
    series: Series,
    session: Session,
    here: Bars | QuoteBars,
    there: Bars | QuoteBars,
    *,
    prices: float,
    volumes: float,
) -> Difference | None:
    """How the bars of a session differ by more than so many percent; None when they do not.

    Where only the regular hours are on disk, only those are compared.
    """
    if series.resolution.is_file_per_session and _is_regular(here, session):
        there = _regular(there, session)
    _, at_here, at_there = np.intersect1d(
        here.time, there.time, assume_unique=True, return_indices=True
    )
    differing = np.zeros(len(at_here), dtype=bool)
    bars: list[tuple[int, BarDifference]] = []
    for name in _VALUES:
        ours, theirs = getattr(here, name)[at_here], getattr(there, name)[at_there]
        allowed = (volumes if name == "volume" else prices) / 100 + _ROUNDING
        wrong = np.abs(ours - theirs) > allowed * np.maximum(np.abs(ours), np.abs(theirs))
        differing |= wrong
        for position in np.flatnonzero(wrong)[:_KEPT].tolist():
            time = f"{np.datetime64(int(here.time[at_here[position]]) // 1000, 's')}Z"
            values = float(ours[position]), float(theirs[position])
            bars.append((position, BarDifference(time, name, *values)))
    only_here, only_there = len(here) - len(at_here), len(there) - len(at_there)
    if not (only_here or only_there or differing.any()):
        return None
    bars.sort(key=lambda one: one[0])
    return Difference(
        series=series,
        session=session,
        here=len(here),
        there=len(there),
        only_here=only_here,
        only_there=only_there,
        differing=int(differing.sum()),
        bars=tuple(bar for _, bar in bars[:_KEPT]),
    )


def _is_regular(bars: Bars | QuoteBars, session: Session) -> bool:
    return bool(len(bars)) and len(_regular(bars, session)) == len(bars)


def _regular(bars: Any, session: Session) -> Any:
    return type(bars).concat([bars.between(*hours) for hours in session.regular])
