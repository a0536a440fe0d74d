"""The conformance kit for planners: one class to inherit, one method to override."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from leanfeed.errors import InvalidRequestError
from leanfeed.request import Incomplete
from leanfeed.testing.checking import property_settings
from leanfeed.testing.planner_questions import (
    PlannerQuestions,
    Sessions,
    groups,
    sessions_of_plan,
)
from leanfeed.testing.watching import watched
from leanfeed.values import Series

__all__ = ["PlannerConformance"]


class PlannerConformance(PlannerQuestions):
    """Tests that a planner keeps every rule of :class:`~leanfeed.GapPlanner`.

    Inherit it in a class whose name begins with ``Test``, and override :meth:`planner`; for a
    market other than US equities :meth:`symbols` and :meth:`window` as well.
    """

    def test_p1_each_series_once(self) -> None:
        """P1. The plan has each series that is asked for, once, and no other."""
        with self.folder() as folder:
            plan = self.plan(folder)
        planned = [one.series for one in plan.series]
        assert len(planned) == len(set(planned)), f"A series is planned twice: {planned}."
        assert set(planned) == set(plan.request.series)

    def test_p2_sessions_of_the_calendar(self) -> None:
        """P2. The sessions of a series are the trading days of its market, all and no other."""
        dates = set(self.dates())
        start, end = self.window()
        with self.folder() as folder:
            found = sessions_of_plan(self.plan(folder))
        for series in {series for series, _ in found}:
            days = {s.date for one, s in found if one == series and start <= s.date <= end}
            assert not days - dates, f"{series}: no trading days are {_text(days - dates)}."
            assert not dates - days, f"{series}: it leaves out {_text(dates - days)}."

    def test_p3_folder_that_is_not_there_lacks_everything(self) -> None:
        """P3. A folder that does not exist lacks what an empty one lacks: everything."""
        with self.folder() as folder:
            if any(folder.iterdir()):
                pytest.skip("Not checked: prepare() puts into the folder what the planner needs.")
            empty = self.plan(folder)
            shutil.rmtree(folder)
            absent = self.plan(folder)
            folder.mkdir()
        assert sessions_of_plan(absent, "missing"), "It misses nothing: choose another window()."
        assert not sessions_of_plan(absent, "present")
        assert sessions_of_plan(absent, "missing") == sessions_of_plan(empty, "missing")

    def test_p4_groups_are_disjoint(self) -> None:
        """P4. No session is in two groups, such as present and missing."""
        with self.folder() as folder:
            self.store_some(_half(sessions_of_plan(self.plan(folder), "missing")), folder)
            for planned in self.plan(folder).series:
                listed = [session for sessions in groups(planned).values() for session in sessions]
                twice = {session.date for session in listed if listed.count(session) > 1}
                assert not twice, f"{planned.series}: in two groups are {_text(twice)}."

    def test_p5_oldest_first(self) -> None:
        """P5. Each group is sorted, oldest session first."""
        with self.folder() as folder:
            self.store_some(_half(sessions_of_plan(self.plan(folder), "missing")), folder)
            for planned in self.plan(folder).series:
                for name, sessions in groups(planned).items():
                    dates = [session.date for session in sessions]
                    assert dates == sorted(dates), f"{planned.series}: {name} is not in order."

    def test_p6_inside_the_window(self) -> None:
        """P6. Every session lies inside the window that is asked for, both dates inclusive."""
        with self.folder() as folder:
            days = {session.date for _, session in sessions_of_plan(self.plan(folder))}
            start, end = min(days), max(days)
            inner = (start + dt.timedelta(days=1), end - dt.timedelta(days=1))
            for window in (self.window(), (start, end), inner):
                found = {s.date for _, s in sessions_of_plan(self.plan(folder, window=window))}
                outside = {day for day in found if not window[0] <= day <= window[1]}
                assert not outside, f"{window[0]} … {window[1]}: outside are {_text(outside)}."
                expected = {day for day in days if window[0] <= day <= window[1]}
                assert found >= expected, f"It leaves out {_text(expected - found)}."

    def test_p7_sessions_make_sense(self) -> None:
        """P7. A session's hours lie in its day, and the numbers of neighbours differ by one."""
        with self.folder() as folder:
            found = sessions_of_plan(self.plan(folder))
        for series in {series for series, _ in found}:
            sessions = sorted((s for one, s in found if one == series), key=lambda s: s.date)
            for session in sessions:
                for start, end in (*session.regular, session.extended):
                    is_inside = session.day[0] <= start < end <= session.day[1]
                    assert is_inside, f"{series} {session}: its hours leave its day."
            for one, following in pairwise(sessions):
                assert following.number == one.number + 1, f"{series}: {one} and {following}."

    def test_p8_nothing_is_forgotten(self) -> None:
        """P8. Whatever is on disk: the groups together are all that was asked for."""

        def check(stored: Sessions, asked: Sessions, folder: Path) -> None:
            found = sessions_of_plan(self.plan(folder))
            assert asked - found == set(), f"It forgot {_names(asked - found)}."
            assert found - asked == set(), f"It made up {_names(found - asked)}."

        self._for_any_folder(check)

    def test_p9_only_what_is_there_is_present(self) -> None:
        """P9. Whatever is on disk: what is not there is not present."""

        def check(stored: Sessions, asked: Sessions, folder: Path) -> None:
            wrong = sessions_of_plan(self.plan(folder), "present") - stored
            assert not wrong, f"Present are {_names(wrong)}, which were never stored."

        self._for_any_folder(check)

    def test_p10_what_was_stored_is_not_missing(self) -> None:
        """P10. What was stored is not missing; when everything was, nothing is."""

        def check(stored: Sessions, asked: Sessions, folder: Path) -> None:
            wrong = sessions_of_plan(self.plan(folder), "missing") & stored
            assert not wrong, f"Missing are {_names(wrong)}, which were stored."

        self._for_any_folder(check)
        with self.folder() as folder:
            everything = sessions_of_plan(self.plan(folder), "missing")
            self.store_some(everything, folder)
            plan = self.plan(folder)
        assert not plan.gaps, f"Everything was stored, and missing are {list(map(str, plan.gaps))}."

    def test_p11_growing_the_window_never_shrinks_the_plan(self) -> None:
        """P11. A longer window lacks all that a shorter one inside it lacks."""
        with self.folder() as folder:
            asked = sessions_of_plan(self.plan(folder), "missing")
            self.store_some(_half(asked), folder)
            days = sorted({session.date for _, session in asked})
            day = st.sampled_from(days)

            @property_settings(self.examples)
            @given(ends=st.tuples(day, day, day, day).map(sorted))
            def check(ends: list[dt.date]) -> None:
                short, long = (ends[1], ends[2]), (ends[0], ends[3])
                lacks, lacks_more = (
                    sessions_of_plan(self.plan(folder, window=window), "missing")
                    for window in (short, long)
                )
                lost = lacks - lacks_more
                assert not lost, f"{short} lacks {_names(lost)}, and {long} does not."

            check()

    def test_p12_damaged_file_is_not_present(self) -> None:
        """P12. What stands in a file that cannot be read is missing."""
        with self.folder() as folder:
            asked = sessions_of_plan(self.plan(folder), "missing")
            known = _files(folder)
            self.store_some(asked, folder)
            for path, data in _files(folder).items():
                if path not in known and ".leanfeed" not in Path(path).parts:
                    (folder / path).write_bytes(data[: len(data) // 2])
            found = sessions_of_plan(self.plan(folder), "missing")
        assert found == asked, f"Every file was cut, and not missing are {_names(asked - found)}."

    def test_p13_session_that_goes_on(self) -> None:
        """P13. A session that goes on is neither present nor missing, unless it is asked for."""
        with self.folder() as folder:
            asked = sessions_of_plan(self.plan(folder), "missing")
            last = max((session for _, session in asked), key=lambda session: session.date)
            middle = sum(last.extended) // 2000
            now = dt.datetime.fromtimestamp(middle, dt.UTC)
            window = (self.window()[0], last.date)
            plan = self.plan(folder, window=window, asked_at=now)
            open_ended = self.plan(folder, window=(window[0], None), asked_at=now)
            begun = self.plan(folder, window=window, asked_at=now, incomplete=Incomplete.FETCH)
        for one in (plan, open_ended):
            found = sessions_of_plan(one, "missing", "present", "no_trades")
            assert not any(session == last for _, session in found), f"{last} goes on: skip it."
        is_there = any(s == last for _, s in sessions_of_plan(begun, "missing"))
        assert is_there, f"{last} has begun, and incomplete='fetch' asks for it."

    def test_p14_same_question_same_plan(self) -> None:
        """P14. Asked the same twice, one planner says the same."""
        with self.folder() as folder:
            self.store_some(_half(sessions_of_plan(self.plan(folder), "missing")), folder)
            planner, request = self.planner(), self.plan(folder).request
            assert planner.plan(request, folder) == planner.plan(request, folder)

    def test_p15_planning_changes_nothing(self) -> None:
        """P15. Planning changes no file of the data folder, and opens no connection."""
        with self.folder() as folder:
            self.store_some(_half(sessions_of_plan(self.plan(folder), "missing")), folder)
            before = _files(folder)
            with watched() as acts:
                self.plan(folder)
            assert _files(folder) == before, "Planning changed files of the data folder."
        calls = [act for act in acts if act.event.startswith(("socket.", "http.", "urllib."))]
        assert not calls, f"Planning opened a connection: {calls[0]}."

    def test_p16_warm_up_comes_before(self) -> None:
        """P16. With a warm-up, as many sessions right before the window are asked for as well."""
        with self.folder() as folder:
            dates = sorted({s.date for _, s in sessions_of_plan(self.plan(folder), "missing")})
            window = (dates[5], dates[-1])
            found = sessions_of_plan(self.plan(folder, window=window, warmup=3))
        for series in {series for series, _ in found}:
            days = _dates(found, series)
            assert days == dates[2:], f"{series}: 3 before {window[0]} gave {days[:5]}."

    def test_p17_unknown_days_are_refused(self) -> None:
        """P17. Days that the calendar does not know are an `InvalidRequestError`, not a guess."""
        window = self.unknown_window()
        with self.folder() as folder, pytest.raises(InvalidRequestError):
            self.plan(folder, window=window)

    def _for_any_folder(self, check: Callable[[Sessions, Sessions, Path], None]) -> None:
        with self.folder() as folder:
            asked = sessions_of_plan(self.plan(folder))
        pairs = sorted(asked, key=lambda pair: (pair[0], pair[1].date))

        @property_settings(self.examples)
        @given(stored=st.sets(st.sampled_from(pairs)))
        def for_one(stored: Sessions) -> None:
            with self.folder() as folder:
                self.store_some(stored, folder)
                check(stored, asked, folder)

        for_one()


def _half(sessions: Sessions) -> Sessions:
    """Every second one, whatever the order of the set."""
    return set(sorted(sessions, key=lambda pair: (pair[0], pair[1].date))[::2])


def _names(sessions: Sessions) -> str:
    return ", ".join(sorted(f"{series} {session}" for series, session in sessions))


def _text(days: set[dt.date]) -> str:
    return ", ".join(map(str, sorted(days)))


def _dates(sessions: Sessions, series: Series) -> list[dt.date]:
    return sorted(session.date for one, session in sessions if one == series)


def _files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }
