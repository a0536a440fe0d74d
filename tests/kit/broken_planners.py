"""A planner that keeps every rule, and for each rule one that breaks it and no other."""

from __future__ import annotations

import datetime as dt
import socket
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from attrs import define, evolve

from leanfeed import Incomplete, InvalidRequestError, Plan, Request, SeriesPlan, Session, Symbol
from leanfeed.default_plugins.calendar_planner import CalendarPlanner
from leanfeed.lean.market_hours import market_hours
from leanfeed.lean.paths import zip_path
from leanfeed.testing import PlannerConformance

WINDOW = dt.date(2024, 3, 1), dt.date(2024, 3, 15)
_DAY = dt.timedelta(days=1)


class Honest:
    """The default planner."""

    def plan(self, request: Request, data_folder: Path) -> Plan:
        return CalendarPlanner().plan(request, data_folder)


class KeptPlanner(PlannerConformance):
    """The questions of the gallery."""

    kind: ClassVar[type[Honest]] = Honest
    examples = 6

    def planner(self) -> Honest:
        return self.kind()

    def window(self) -> tuple[dt.date, dt.date]:
        return WINDOW

    def dates(self) -> Sequence[dt.date]:
        return [s.date for s in market_hours(Symbol("SPY")).sessions(*WINDOW)]

    def unknown_window(self) -> tuple[dt.date, dt.date]:
        return dt.date(1970, 1, 5), dt.date(1970, 1, 9)


def each(plan: Plan, change: Callable[[SeriesPlan], SeriesPlan]) -> Plan:
    return evolve(plan, series=tuple(map(change, plan.series)))


def without(sessions: Sequence[Session], *dates: dt.date) -> tuple[Session, ...]:
    return tuple(session for session in sessions if session.date not in dates)


class LeavesOutASeries(Honest):
    def plan(self, request: Request, data_folder: Path) -> Plan:
        plan = super().plan(request, data_folder)
        return evolve(plan, series=plan.series[:-1])


class DoesNotKnowTheFirstDay(Honest):
    def plan(self, request: Request, data_folder: Path) -> Plan:
        plan = super().plan(request, data_folder)
        return each(
            plan,
            lambda s: evolve(
                s, missing=without(s.missing, WINDOW[0]), present=without(s.present, WINDOW[0])
            ),
        )


class NeedsTheFolder(Honest):
    def plan(self, request: Request, data_folder: Path) -> Plan:
        list(data_folder.iterdir())
        return super().plan(request, data_folder)


class SaysItTwice(Honest):
    def plan(self, request: Request, data_folder: Path) -> Plan:
        plan = super().plan(request, data_folder)
        return each(plan, lambda s: evolve(s, no_trades=s.missing[:1]))


class NewestFirst(Honest):
    def plan(self, request: Request, data_folder: Path) -> Plan:
        plan = super().plan(request, data_folder)
        return each(plan, lambda s: evolve(s, missing=s.missing[::-1]))


class AWeekMore(Honest):
    def plan(self, request: Request, data_folder: Path) -> Plan:
        if request.warmup:
            return super().plan(request, data_folder)
        more = evolve(request, start=request.start - 7 * _DAY)
        return evolve(super().plan(more, data_folder), request=request)


class EndIsExclusive(Honest):
    """The off-by-one of ranges."""

    def plan(self, request: Request, data_folder: Path) -> Plan:
        if request.end == WINDOW[1] or not request.end or request.warmup:
            return super().plan(request, data_folder)
        shorter = evolve(request, end=max(request.start, request.end - _DAY))
        if request.start == request.end:
            shorter = request
        return evolve(super().plan(shorter, data_folder), request=request)


class NumbersWithGaps(Honest):
    def plan(self, request: Request, data_folder: Path) -> Plan:
        def counted(sessions: Sequence[Session]) -> tuple[Session, ...]:
            return tuple(evolve(session, number=session.date.toordinal()) for session in sessions)

        plan = super().plan(request, data_folder)
        return each(
            plan, lambda s: evolve(s, missing=counted(s.missing), present=counted(s.present))
        )


class ForgetsAHole(Honest):
    """Where something is on disk, it takes the first day for known."""

    def plan(self, request: Request, data_folder: Path) -> Plan:
        plan = super().plan(request, data_folder)
        if not plan.present:
            return plan
        return each(plan, lambda s: evolve(s, missing=without(s.missing, WINDOW[0])))


class TakesNeighboursForPresent(Honest):
    """The file of the day before is there, so this one will be, too."""

    def plan(self, request: Request, data_folder: Path) -> Plan:
        def change(s: SeriesPlan) -> SeriesPlan:
            found = tuple(
                session
                for session in s.missing
                if s.series.resolution.is_file_per_session
                and (data_folder / zip_path(s.series, session.date - _DAY)).exists()
                and not (data_folder / zip_path(s.series, session.date)).exists()
            )
            present = sorted((*s.present, *found), key=lambda session: session.date)
            missing = without(s.missing, *(session.date for session in found))
            return evolve(s, present=tuple(present), missing=missing)

        return each(super().plan(request, data_folder), change)


class NeverContent(Honest):
    """One day is missing for ever."""

    def plan(self, request: Request, data_folder: Path) -> Plan:
        def change(s: SeriesPlan) -> SeriesPlan:
            again = tuple(one for one in s.present if one.date == WINDOW[0])
            return evolve(s, missing=again + s.missing, present=without(s.present, WINDOW[0]))

        return each(super().plan(request, data_folder), change)


class ForgetsInLongWindows(Honest):
    """Of a longer window that is not the whole, one day in the middle is lost."""

    def plan(self, request: Request, data_folder: Path) -> Plan:
        plan = super().plan(request, data_folder)
        ends = {request.start, request.end}
        days = (request.end or request.start) - request.start
        if (
            ends & {WINDOW[0], WINDOW[1], None}
            or days < 6 * _DAY
            or not any(data_folder.rglob("*.zip"))
        ):
            return plan
        middle = len(plan.series[0].missing) // 2
        return each(plan, lambda s: evolve(s, missing=s.missing[:middle] + s.missing[middle + 1 :]))


class BelievesNames(Honest):
    """A file that is there by name is present, whatever is in it."""

    def plan(self, request: Request, data_folder: Path) -> Plan:
        def change(s: SeriesPlan) -> SeriesPlan:
            return evolve(s, present=s.missing, missing=()) if s.damaged else s

        return each(super().plan(request, data_folder), change)


class FetchesWhatGoesOn(Honest):
    def plan(self, request: Request, data_folder: Path) -> Plan:
        return super().plan(evolve(request, incomplete=Incomplete.FETCH), data_folder)


class NeverFetchesWhatGoesOn(Honest):
    def plan(self, request: Request, data_folder: Path) -> Plan:
        return super().plan(evolve(request, incomplete=Incomplete.SKIP), data_folder)


@define
class Fickle(Honest):
    asked: int = 0

    def plan(self, request: Request, data_folder: Path) -> Plan:
        self.asked += 1
        plan = super().plan(request, data_folder)
        return evolve(plan, series=plan.series[:: 1 if self.asked == 1 else -1])


class KeepsACache(Honest):
    def plan(self, request: Request, data_folder: Path) -> Plan:
        if data_folder.exists():
            (data_folder / "plan-cache").write_text(str(request.asked_at), encoding="utf-8")
        return super().plan(request, data_folder)


class AsksTheNetwork(Honest):
    def plan(self, request: Request, data_folder: Path) -> Plan:
        socket.socket().close()
        return super().plan(request, data_folder)


class WarmsUpTooLong(Honest):
    def plan(self, request: Request, data_folder: Path) -> Plan:
        return super().plan(
            evolve(request, warmup=request.warmup and request.warmup + 1), data_folder
        )


class GuessesTheCalendar(Honest):
    def plan(self, request: Request, data_folder: Path) -> Plan:
        try:
            return super().plan(request, data_folder)
        except InvalidRequestError:
            window = request.start, request.end or request.start
            return Plan(request, window, window, tuple(map(SeriesPlan, request.series)))


#: The rule that each breaks.
BROKEN: Mapping[type[Honest], str] = {
    LeavesOutASeries: "p1",
    DoesNotKnowTheFirstDay: "p2",
    NeedsTheFolder: "p3",
    SaysItTwice: "p4",
    NewestFirst: "p5",
    AWeekMore: "p6",
    EndIsExclusive: "p6",
    NumbersWithGaps: "p7",
    ForgetsAHole: "p8",
    TakesNeighboursForPresent: "p9",
    NeverContent: "p10",
    ForgetsInLongWindows: "p11",
    BelievesNames: "p12",
    FetchesWhatGoesOn: "p13",
    NeverFetchesWhatGoesOn: "p13",
    Fickle: "p14",
    KeepsACache: "p15",
    AsksTheNetwork: "p15",
    WarmsUpTooLong: "p16",
    GuessesTheCalendar: "p17",
}


class TestHonest(KeptPlanner):
    """Keeps every rule."""


for _kind in BROKEN:
    _name = f"Test{_kind.__name__}"
    globals()[_name] = type(_name, (KeptPlanner,), {"kind": _kind, "__module__": __name__})
