"""A coverage in plain lines."""

from __future__ import annotations

from collections.abc import Iterator

from leanfeed.coverages.anomalies import Kind
from leanfeed.coverages.coverage import Coverage, SeriesCoverage
from leanfeed.coverages.states import State
from leanfeed.values import Series
from leanfeed.wording import counted, grouped, named, other_names, percent, ranges, unlisted_lines

__all__ = ["headline", "label", "odd_lines", "other_lines", "outcome", "summary"]

#: So many odd sessions of one series are shown in full.
_SHOWN = 4


def summary(coverage: Coverage) -> Iterator[str]:
    """What is there, in one line for each series, or for several that are alike."""
    yield headline(coverage)
    yield from grouped((s.series, outcome(s)) for s in coverage.series)
    yield from other_lines(coverage)
    for s in coverage.series:
        yield from odd_lines(s)


def headline(coverage: Coverage) -> str:
    """How much is there, of what, and where."""
    nothing = f"nothing on disk of {len(coverage.absent)} series" if coverage.absent else ""
    more = f"; {nothing}" if nothing else ""
    if coverage.window is None:
        return f"{coverage.data_folder}: {nothing or 'no sessions'}"
    start, end = coverage.window
    counts = coverage.counts
    what = f"{counted(sum(counts.values()), 'session')} of {len(coverage.series)} series"
    share = "" if coverage.percent is None else f", {percent(coverage.percent)} there"
    return f"{start} … {end} in {coverage.data_folder}: {what}{share}{more}"


def outcome(s: SeriesCoverage) -> str:
    """How many sessions are in each state, which of them lack, and who gave the rest."""
    parts = []
    for state, count in s.counts.items():
        if count:
            which = "" if state in _SOUND else f" ({ranges(s.of(state))})"
            parts.append(f"{count} {state.words}{which}")
    given = ", ".join(f"{source} {count}" for source, count in s.by_source.items())
    by = f"; by source: {given}" if given else ""
    return (", ".join(parts) or "no sessions") + by + other_names(s.series, s.asked_as)


_SOUND = (State.PRESENT, State.NO_TRADES)


def label(series: Series) -> str:
    """``minute SPY``."""
    return f"{series.resolution} {named(series.symbol)}"


def other_lines(coverage: Coverage) -> Iterator[str]:
    """What is in no series."""
    for series in coverage.absent:
        yield (
            f"  {label(series)}: nothing on disk; with a first day (--start) leanfeed says what "
            "is missing"
        )
    for series in coverage.uncharted:
        yield f"  {label(series)}: nobody knows the trading days of its market"
    yield from unlisted_lines(coverage.unlisted)


def odd_lines(s: SeriesCoverage) -> Iterator[str]:
    """Sessions with too few bars; half days are as they should be, and only counted."""
    odd = {session: a for session, a in s.anomalies.items() if a.kind is not Kind.HALF_DAY}
    name = f"  {label(s.series)}"
    for session, anomaly in list(odd.items())[:_SHOWN]:
        yield f"{name}: {session} {anomaly}"
    if len(odd) > _SHOWN:
        yield f"{name}: and {len(odd) - _SHOWN} more sessions with too few bars"
    for path, reason in s.damaged.items():
        yield f"{name}: {reason or f'{path} is damaged'}"
