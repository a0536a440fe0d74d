"""Sessions whose number of bars is not what the sessions around them have, and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from attrs import define, field, frozen

from leanfeed.audits.neighbours import around
from leanfeed.errors import DamagedFileError
from leanfeed.lean.market_hours import zone
from leanfeed.lean.paths import zip_path
from leanfeed.lean.reader import read_file
from leanfeed.values import Resolution, Series, Session
from leanfeed.wording import counted

__all__ = ["Anomaly", "Kind", "anomalies"]

#: With fewer sessions than this there is no telling.
_AT_LEAST = 5
#: Worth a look into the file is: so much less than usual, and more than so many median absolute
#: deviations. Worth telling, whatever the file shows, is the second part.
_LESS, _MUCH_LESS, _DEVIATIONS = 0.03, 0.25, 6.0
#: A hole between two bars, or at either end of the regular hours, explains the bars that lack when
#: it is at least this part of them, and so many bars long; two
#: at other resolutions.
_EXPLAINS = 0.5
_SHORTEST = {Resolution.SECOND: 300, Resolution.MINUTE: 5}

Times = npt.NDArray[np.int64]


class Kind(StrEnum):
    """What is odd about the number of bars of a session."""

    #: The market closed early or opened late, by its calendar; the number of bars is as expected.
    HALF_DAY = "half day"
    #: Bars stop for a while within regular hours, and go on.
    HALT = "halt"
    #: Bars begin after the open, or end before the close.
    TRUNCATED = "truncated"
    #: Far fewer bars, with no single hole that explains it.
    THIN = "thin"


@frozen
class Anomaly:
    """What is odd about the number of bars of one session."""

    kind: Kind
    rows: int
    #: What its neighbours have.
    usual: int
    #: Where the bars lack; empty where nothing more is known.
    where: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The anomaly as plain JSON values."""
        return {
            "kind": self.kind.value,
            "rows": self.rows,
            "usual": self.usual,
            "where": self.where,
        }

    def __str__(self) -> str:
        where = f": {self.where}" if self.where else ""
        return f"{self.kind}, {counted(self.rows, 'bar')} where {self.usual} are usual{where}"


def anomalies(
    series: Series, sessions: Sequence[Session], rows: Sequence[int], data_folder: Path
) -> dict[Session, Anomaly]:
    """The odd ones among sessions that are on disk, oldest first.

    Only the numbers of bars are compared, so that no file has to be read; of sessions with too few
    the file is read to say where they lack. Daily bars are one a session: none of them is odd. Of
    options as many contracts trade as there are, and that is not told either.

    Args:
        series: what they belong to.
        sessions: those that are on disk.
        rows: how many bars each has.
        data_folder: where their files are.
    """
    is_alike = series.resolution is Resolution.DAILY or series.is_chain
    if is_alike or len(sessions) < _AT_LEAST:
        return {}
    counts = np.array(rows, dtype=np.float64)
    usual = around(counts)
    middle = np.median(usual, axis=1)
    spread = np.median(np.abs(usual - middle[:, None]), axis=1)
    lengths = np.array([_length(session) for session in sessions], dtype=np.float64)
    whole = np.median(around(lengths), axis=1)
    is_short = lengths < whole
    expected = middle * np.where(is_short, lengths / whole, 1.0)
    less = expected - counts
    is_odd = (less > _LESS * expected) & (less > _DEVIATIONS * spread)
    times = _Times(series, data_folder)
    found: dict[Session, Anomaly] = {}
    for i in np.flatnonzero(is_odd | is_short).tolist():
        anomaly = Anomaly(Kind.HALF_DAY, int(counts[i]), round(middle[i]))
        if is_odd[i]:
            hole = times.hole(sessions[i], lacking=float(less[i]))
            if hole is not None:
                anomaly = Anomaly(hole[0], anomaly.rows, round(expected[i]), hole[1])
            elif less[i] > _MUCH_LESS * expected[i]:
                anomaly = Anomaly(Kind.THIN, anomaly.rows, round(expected[i]))
            elif not is_short[i]:
                continue
        found[sessions[i]] = anomaly
    return found


def _length(session: Session) -> int:
    """How long the regular hours are."""
    return sum(end - start for start, end in session.regular)


@define
class _Times:
    """When the bars of a series start; an hour zip is read once for all its sessions."""

    _series: Series
    _data_folder: Path
    _shared: Times | None = field(default=None, init=False)

    def hole(self, session: Session, *, lacking: float) -> tuple[Kind, str] | None:
        """The one hole in the regular hours that explains why so many bars lack."""
        times = self._of(session)
        if not len(times):
            return None
        step = self._series.resolution.milliseconds
        longest = (0, Kind.THIN, 0, 0)
        for start, end in session.regular:
            inside = times[(times > start - step) & (times < end)]
            starts = np.append(np.maximum(inside, start), end)
            ends = np.concatenate(([start], inside + step))  # of the bars before them
            lengths = (starts - ends) // step
            i = int(np.argmax(lengths))
            kind = Kind.TRUNCATED if i in (0, len(inside)) else Kind.HALT
            longest = max(longest, (int(lengths[i]), kind, int(ends[i]), int(starts[i])))
        bars, kind, first, last = longest
        if bars < max(_SHORTEST.get(self._series.resolution, 2), _EXPLAINS * lacking):
            return None
        return kind, f"nothing from {_clock(first, session)} to {_clock(last, session)}"

    def _of(self, session: Session) -> Times:
        if self._shared is not None:
            times = self._shared
        else:
            times = self._read(session)
            if not self._series.resolution.is_file_per_session:
                self._shared = times
        return times[(times >= session.day[0]) & (times < session.day[1])]

    def _read(self, session: Session) -> Times:
        path = self._data_folder / zip_path(self._series, session.date)
        try:
            bars = read_file(path, series=self._series, time_zone=session.time_zone)
        except (OSError, DamagedFileError):  # it has changed since
            return np.empty(0, dtype=np.int64)
        return bars.time


def _clock(instant: int, session: Session) -> str:
    when = dt.datetime.fromtimestamp(instant / 1000, zone(session.time_zone))
    return f"{when:%H:%M}"
