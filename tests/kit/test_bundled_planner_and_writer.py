"""The default planner and the default writer keep every rule of the kit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pytest

from leanfeed import Symbol
from leanfeed.default_plugins.calendar_planner import CalendarPlanner
from leanfeed.default_plugins.safe_files import Durability
from leanfeed.default_plugins.zip_writer import ZipWriter
from leanfeed.lean.market_hours import market_hours
from leanfeed.testing import PlannerConformance, WriterConformance


class TestCalendarPlanner(PlannerConformance):
    """The planner `calendar` with the shipped calendar."""

    def planner(self) -> CalendarPlanner:
        return CalendarPlanner()

    def dates(self) -> Sequence[dt.date]:
        return [session.date for session in market_hours(Symbol("SPY")).sessions(*self.window())]

    def unknown_window(self) -> tuple[dt.date, dt.date]:
        return dt.date(1970, 1, 5), dt.date(1970, 1, 9)


@pytest.mark.parametrize(
    "durability", [Durability.FAST, pytest.param(Durability.FULL, marks=pytest.mark.slow)]
)
class TestZipWriter(WriterConformance):
    """The writer `lean`."""

    @pytest.fixture(autouse=True)
    def with_durability(self, durability: Durability) -> None:
        self.durability = durability

    def writer(self) -> ZipWriter:
        return ZipWriter(durability=self.durability)
