"""What the conformance kit has to know of a planner, and how it asks it."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from leanfeed.interfaces import GapPlanner
from leanfeed.plans import Plan, SeriesPlan
from leanfeed.request import Request
from leanfeed.testing.asking import deliveries_of
from leanfeed.testing.checking import needs
from leanfeed.values import Gap, Resolution, Series, Session, Symbol

__all__ = ["PlannerQuestions", "Sessions", "groups", "sessions_of_plan"]

#: Sessions of several series.
Sessions = set[tuple[Series, Session]]


def groups(planned: SeriesPlan) -> dict[str, tuple[Session, ...]]:
    """The groups into which a planner sorts the sessions of one series."""
    return {
        "present": planned.present,
        "no_trades": planned.no_trades,
        "missing": planned.missing,
        "unsettled": planned.unsettled,
        "refresh": planned.refresh,
    }


def sessions_of_plan(plan: Plan, *names: str) -> Sessions:
    """The sessions in the groups of these names, or in all."""
    return {
        (planned.series, session)
        for planned in plan.series
        for name, sessions in groups(planned).items()
        if not names or name in names
        for session in sessions
    }


class PlannerQuestions:
    """What only the author of a planner can say. The first method is needed."""

    #: How many cases each property is checked with.
    examples = 15
    #: The resolutions that are asked for.
    resolutions: Sequence[str] = ("minute", "daily")

    def planner(self) -> GapPlanner:
        """The planner, made anew each time."""
        raise NotImplementedError("Override planner(): it returns the planner to be tested.")

    def symbols(self) -> Sequence[Symbol]:
        """What is asked for: one symbol or more of a market that the planner knows."""
        return (Symbol("SPY"), Symbol("QQQ"))

    def window(self) -> tuple[dt.date, dt.date]:
        """First and last day that are asked for: past days, ten sessions or more."""
        return dt.date(2024, 2, 15), dt.date(2024, 3, 15)

    def prepare(self, data_folder: Path) -> None:
        """Put into an empty data folder what the planner needs, such as a calendar."""

    def store(self, gaps: Sequence[Gap], data_folder: Path) -> None:
        """Put these sessions into the data folder: with the default writer, unless overridden."""
        from leanfeed.default_plugins.safe_files import Durability
        from leanfeed.default_plugins.zip_writer import ZipWriter

        writer = ZipWriter(durability=Durability.FAST)
        for _ in writer.write(deliveries_of(gaps), data_folder):
            pass

    def dates(self) -> Sequence[dt.date]:
        """The trading days of the window, by the calendar that the planner stands for."""
        needs("dates()", "whether the sessions are those of the calendar")

    def unknown_window(self) -> tuple[dt.date, dt.date]:
        """First and last day of which the calendar cannot know whether they are trading days."""
        needs("unknown_window()", "whether days that the calendar does not know are refused")

    @contextmanager
    def folder(self) -> Iterator[Path]:
        """A data folder without any bars."""
        with tempfile.TemporaryDirectory() as temporary:
            data_folder = Path(temporary, "data")
            data_folder.mkdir()
            self.prepare(data_folder)
            yield data_folder

    def plan(
        self,
        data_folder: Path,
        *,
        window: tuple[dt.date, dt.date | None] | None = None,
        **more: Any,
    ) -> Plan:
        """What a new planner says of the folder; `more` is of the request."""
        start, end = window or self.window()
        resolutions = tuple(Resolution(name) for name in self.resolutions)
        request = Request(tuple(self.symbols()), resolutions, start, end, **more)
        return self.planner().plan(request, data_folder)

    def store_some(self, chosen: Iterable[tuple[Series, Session]], data_folder: Path) -> None:
        """Put some sessions into the folder, series by series."""
        by_series: dict[Series, list[Session]] = {}
        for series, session in sorted(chosen, key=lambda pair: (pair[0], pair[1].date)):
            by_series.setdefault(series, []).append(session)
        self.store([Gap(series, tuple(days)) for series, days in by_series.items()], data_folder)
