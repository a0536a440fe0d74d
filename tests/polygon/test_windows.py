from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, strategies as st

from leanfeed.values import Session
from leanfeed_polygon.windows import Timespan, Window, interval, windows
from tests.build import sessions

_DECADE = sessions("2014-01-02", "2023-12-29")
#: Slots that a limit small enough for a brute force is compared with: 16 hours of minutes.
_SLOTS = 960

_picks = st.sets(st.integers(0, 13), min_size=1).map(
    lambda picks: [_DECADE[i] for i in sorted(picks)]
)
_limits = st.sampled_from([100, 480, 959, 960, 961, 1_500, 2_000, 2_880, 3_000, 4_801, 10_000])


def _slots(window: Window) -> int:
    """How long a window is when nights and weekends take no time."""
    minutes = 0
    for session in _DECADE[:20]:
        start, end = session.extended
        minutes += max(0, min(end, window.end) - max(start, window.start)) // 60_000
    return minutes


def _fewest(chosen: list[Session], limit: int) -> tuple[int, int]:
    """The best (requests, slots) of all ways to part the runs, one after the other."""
    runs: list[list[Session]] = []
    for session in chosen:
        if runs and session.number == runs[-1][-1].number + 1:
            runs[-1].append(session)
        else:
            runs.append([session])
    best = (10**9, 0)
    for cuts in itertools.product([False, True], repeat=len(runs) - 1):
        groups = [[runs[0]]]
        for run, is_cut in zip(runs[1:], cuts, strict=True):
            if is_cut:
                groups.append([run])
            else:
                groups[-1].append(run)
        spans = [(g[-1][-1].number - g[0][0].number + 1) * _SLOTS for g in groups]
        best = min(best, (sum(math.ceil(span / limit) for span in spans), sum(spans)))
    return best


def _greedy(chosen: list[Session], limit: int) -> int:
    """The fewest windows that cover all slots: each starts at the first slot not covered yet."""
    slots = [session.number * _SLOTS + slot for session in chosen for slot in range(_SLOTS)]
    count, covered = 0, slots[0] - 1
    for slot in slots:
        if slot > covered:
            count, covered = count + 1, slot + limit - 1
    return count


@given(_picks, _limits)
def test_every_missing_minute_is_covered_once_and_no_window_is_too_long(
    chosen: list[Session], limit: int
) -> None:
    made = windows(chosen, Timespan.MINUTE, limit=limit)
    assert all(a.end <= b.start for a, b in itertools.pairwise(made))
    assert max(map(_slots, made)) <= limit
    for session in chosen:
        inside = [w for w in made if session in w.sessions]
        pieces = [
            (max(w.start, session.extended[0]), min(w.end, session.extended[1])) for w in inside
        ]
        assert pieces[0][0] == session.extended[0]
        assert pieces[-1][1] == session.extended[1]
        assert all(a[1] == b[0] for a, b in itertools.pairwise(pieces))
        assert all(start < end for start, end in pieces)


@given(_picks, _limits)
def test_no_other_way_needs_fewer_requests_or_slots(chosen: list[Session], limit: int) -> None:
    made = windows(chosen, Timespan.MINUTE, limit=limit)
    assert (len(made), sum(map(_slots, made))) == _fewest(chosen, limit)
    assert len(made) == _greedy(chosen, limit)


@given(st.integers(1, len(_DECADE)), st.integers(0, 200))
def test_neighbouring_sessions_cost_their_length_over_the_limit(count: int, offset: int) -> None:
    chosen = _DECADE[offset:][:count]
    for timespan, slots in ((Timespan.MINUTE, 960), (Timespan.SECOND, 57_600), (Timespan.DAY, 1)):
        made = windows(chosen, timespan)
        assert len(made) == math.ceil(len(chosen) * slots / 50_000)


def test_windows_start_and_end_with_the_sessions() -> None:
    for timespan in Timespan:
        made = windows(_DECADE[:300], timespan)
        assert made[0].start == interval(_DECADE[0], timespan)[0]
        assert made[-1].end == interval(_DECADE[299], timespan)[1]


def test_present_sessions_are_bridged_only_when_that_saves_a_request() -> None:
    fortnight = _DECADE[:10]
    (bridged,) = windows([fortnight[0], fortnight[9]], Timespan.MINUTE)
    assert bridged.sessions == (fortnight[0], fortnight[9])
    apart = windows([fortnight[0], fortnight[9]], Timespan.SECOND)
    # A second session is more than a page: each needs two requests, bridged or not.
    assert [w.sessions for w in apart] == [(s,) for s in (fortnight[0],) * 2 + (fortnight[9],) * 2]


def test_nothing_missing_is_nothing_to_ask() -> None:
    assert windows([], Timespan.MINUTE) == ()


@pytest.mark.parametrize("step", [2, 3])
def test_ten_years_with_holes_stay_within_the_bound(step: int) -> None:
    chosen = _DECADE[::step]
    made = windows(chosen, Timespan.MINUTE)
    span = (chosen[-1].number - chosen[0].number + 1) * _SLOTS
    assert len(made) <= math.ceil(span / 50_000)
    assert {s.number for w in made for s in w.sessions} == {s.number for s in chosen}
    starts = np.array([w.start for w in made])
    assert (np.diff(starts) > 0).all()
