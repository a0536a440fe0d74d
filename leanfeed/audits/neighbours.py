"""A session against the sessions around it: bars that are missing, prices that jump."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from leanfeed.audits.history import History
from leanfeed.lean.paths import zip_path
from leanfeed.soundness.findings import AuditFinding
from leanfeed.soundness.kinds import Kind
from leanfeed.soundness.rows import Column
from leanfeed.values import Resolution, Series

__all__ = ["around", "check_jumps", "check_thin", "compare"]

#: A session is compared with so many around it, itself included; with fewer than the second
#: number there is no telling.
_AROUND, _AT_LEAST = 41, 5
#: Thin is: this much less than usual, and more than that many median absolute deviations.
_LESS, _DEVIATIONS = 0.25, 6.0
#: 40 % up, or back down: less than a 3 for 2 split, more than nearly every night of a stock.
_JUMP = np.log(1.4)
_SAME_HIGH_LOW, _SAME_VOLUME = 0.01, 0.25


def check_thin(history: History, series: Series) -> Iterator[AuditFinding]:
    """Sessions with far fewer bars in regular hours than those around them."""
    if len(history) < _AT_LEAST:
        return
    usual = around(history.filled)
    middle = np.median(usual, axis=1)
    spread = np.median(np.abs(usual - middle[:, None]), axis=1)
    less = middle - history.filled
    thin = (less > _LESS * middle) & (less > _DEVIATIONS * spread)
    for i in np.flatnonzero(thin).tolist():
        date = history.sessions[i].date
        text = (
            f"{date} has {history.filled[i]:.0%} of the bars that regular hours could have, "
            f"where {middle[i]:.0%} is usual"
        )
        yield _finding(Kind.THIN, series, date, text)


def check_jumps(
    history: History, series: Series, moves: Mapping[dt.date, float]
) -> Iterator[AuditFinding]:
    """Prices that jump from one session's close to the next one's open.

    Args:
        history: of the series.
        series: named in the findings.
        moves: what LEAN's factor file expects, see :func:`~.factor_files.price_moves`.
    """
    if len(history) < 2 or not (history.close > 0).all() or not (history.open > 0).all():
        return
    numbers = np.array([session.number for session in history.sessions])
    ratios = history.open[1:] / history.close[:-1]
    expected = np.array([moves.get(session.date, 1.0) for session in history.sessions[:-1]])
    jumped = np.abs(np.log(ratios)) > _JUMP
    unexplained = np.abs(np.log(ratios / expected)) > _JUMP
    for i in np.flatnonzero((np.diff(numbers) == 1) & (jumped | unexplained)).tolist():
        date = history.sessions[i + 1].date
        text = f"{date} opens at {ratios[i]:.4g} times the close before it"
        if expected[i] != 1.0:
            text += f", the factor file says {expected[i]:.4g}"
        kind = Kind.JUMP if unexplained[i] else Kind.SPLIT
        yield _finding(kind, series, date, text)


def compare(
    fine: History, coarse: History, series: Series, other: Resolution
) -> Iterator[AuditFinding]:
    """Sessions of a fine series against those of a coarse one, where both are there.

    Args:
        fine: second or minute bars.
        coarse: hour or daily bars.
        series: of the fine ones, named in the findings.
        other: the resolution of the coarse ones.
    """
    place = {session.date: i for i, session in enumerate(coarse.sessions)}
    for i, session in enumerate(fine.sessions):
        k = place.get(session.date)
        if k is None:
            continue
        differ = [
            f"{name} {found / known - 1:+.1%}"
            for name, tolerance, found, known in (
                ("high", _SAME_HIGH_LOW, fine.high[i], coarse.high[k]),
                ("low", _SAME_HIGH_LOW, fine.low[i], coarse.low[k]),
                ("volume", _SAME_VOLUME, fine.volume[i], coarse.volume[k]),
            )
            if known > 0 and abs(found / known - 1) > tolerance
        ]
        if differ:
            text = f"{session.date} against {other} bars: {', '.join(differ)}"
            yield _finding(Kind.DIFFERS, series, session.date, text)


def around(values: Column) -> Column:
    """For each value a row of those around it; at the ends those that are nearest."""
    width = min(_AROUND, len(values))
    windows = sliding_window_view(values, width)
    nearest = np.clip(np.arange(len(values)) - width // 2, 0, len(windows) - 1)
    around: Column = windows[nearest]
    return around


def _finding(kind: Kind, series: Series, date: dt.date, text: str) -> AuditFinding:
    return AuditFinding(kind, str(zip_path(series, date)), text, series, (date,))
