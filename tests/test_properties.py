"""Laws of planning and writing, whatever is asked and whatever is there."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings, strategies as st

import leanfeed
from leanfeed import Plan
from leanfeed.lean import read_series
from leanfeed.lean.paths import zip_path
from tests import build
from tests.build import MemorySource

#: Two months with a holiday and a switch of the clocks.
SESSIONS = build.sessions("2024-02-12", "2024-04-05")
RESOLUTIONS = st.sampled_from(["minute", "hour", "daily"])
POSITION = st.integers(0, len(SESSIONS) - 1)
WINDOW = st.tuples(POSITION, POSITION).map(sorted)


def asked(window: list[int], resolution: str, folder: str) -> dict[str, object]:
    first, last = (SESSIONS[position].date for position in window)
    return {"resolution": resolution, "start": first, "end": last, "data_folder": folder}


def ensure(window: list[int], resolution: str, folder: str, source: MemorySource) -> None:
    leanfeed.ensure("SPY", sources=[source], **asked(window, resolution, folder))  # type: ignore[arg-type]


def plan(window: list[int], resolution: str, folder: str) -> Plan:
    source = MemorySource()
    return leanfeed.plan("SPY", sources=[source], **asked(window, resolution, folder))  # type: ignore[arg-type]


def missing(planned: Plan) -> set[str]:
    return {str(session) for gap in planned.gaps for session in gap.sessions}


@settings(max_examples=15, deadline=None)
@given(windows=st.lists(WINDOW, min_size=1, max_size=4), resolution=RESOLUTIONS)
def test_planning_after_writing_is_empty_and_nothing_is_fetched_twice(
    windows: list[list[int]], resolution: str
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        fetched: list[str] = []
        for window in windows:
            source = MemorySource()
            ensure(window, resolution, folder, source)
            fetched += source.asked_sessions
            assert missing(plan(window, resolution, folder)) == set()
        assert len(fetched) == len(set(fetched))
        wanted = {position for a, b in windows for position in range(a, b + 1)}
        parts = [build.bars(SESSIONS[position], resolution) for position in sorted(wanted)]
        series = build.series(resolution=resolution)
        assert read_series(folder, series) == leanfeed.Bars.concat(parts)


@settings(max_examples=20, deadline=None)
@given(there=st.sets(POSITION), window=WINDOW, wider=WINDOW)
def test_growing_the_range_never_shrinks_the_plan(
    there: set[int], window: list[int], wider: list[int]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for position in there:
            ensure([position, position], "minute", folder, MemorySource())
        grown = [min(window[0], wider[0]), max(window[1], wider[1])]
        small, large = (missing(plan(w, "minute", folder)) for w in (window, grown))
        assert small <= large
        asked_for = {str(s) for s in SESSIONS[window[0] : window[1] + 1]}
        assert small == asked_for - {str(SESSIONS[position]) for position in there}


@settings(max_examples=15, deadline=None)
@given(deleted=st.sets(POSITION, min_size=1), window=WINDOW)
def test_what_is_deleted_is_missing_and_nothing_else(deleted: set[int], window: list[int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        ensure(window, "minute", folder, MemorySource())
        for position in deleted:
            path = zip_path(build.series(), SESSIONS[position].date)
            Path(folder, path).unlink(missing_ok=True)
        gone = deleted.intersection(range(window[0], window[1] + 1))
        source = MemorySource()
        ensure(window, "minute", folder, source)
        assert source.asked_sessions == [str(SESSIONS[position]) for position in sorted(gone)]
