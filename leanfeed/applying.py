"""A plan carried out as it was reviewed: its sessions, as far as they are still missing."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

from attrs import evolve, frozen

from leanfeed import clock, config as configuration
from leanfeed.config.value import DEFAULT
from leanfeed.errors import InvalidRequestError
from leanfeed.events import Event
from leanfeed.interfaces import DataSource, GapPlanner
from leanfeed.ledger import Ledger
from leanfeed.pipeline import carry_out
from leanfeed.plans import Plan, SeriesPlan
from leanfeed.report import Report
from leanfeed.request import Request
from leanfeed.revisions import revised
from leanfeed.run import prepare
from leanfeed.values import Session
from leanfeed.watch import Cancel

__all__ = ["apply"]

#: What was missing longer ago may be something else by now.
_OLDEST = dt.timedelta(days=7)
#: How far the clock of the machine that made the plan may be ahead.
_TOLERANCE = dt.timedelta(days=1)


def apply(
    plan: Plan,
    *,
    data_folder: str | os.PathLike[str] | None = None,
    sources: str | Sequence[str | DataSource] | None = None,
    config: str | os.PathLike[str] | None = None,
    progress: Callable[[Event], None] | Literal[False] | None = None,
    cancel: Cancel | None = None,
) -> Report:
    """Fetch what a plan says is missing, and nothing else.

    The folder is looked at again first: what has come in the meantime is not fetched twice, and
    what is missing since is left alone. The report speaks of the sessions of the plan.

    Args:
        plan: made by :func:`plan`, or read with :meth:`Plan.from_json`; at most seven days old.
        data_folder: the folder of the plan; only to make sure that it is.
        sources: the chain; that of the plan unless given.
        config: as for :func:`ensure`.
        progress: as for :func:`ensure`.
        cancel: as for :func:`ensure`.

    Raises:
        InvalidRequestError: the plan is too old, or was made for another data folder.
        ConfigurationError: the settings cannot work.
        WriteError: the disk refused; what was written before stays.
        CancelledError: `cancel` was set; what was written before stays.
    """
    now = clock.now()
    _check_age(plan, now)
    _check_folder(plan, data_folder, config)
    run = prepare(
        config,
        data_folder=plan.data_folder,
        sources=sources or tuple(plan.estimates) or None,
    )
    reviewed = evolve(run, planner=_Reviewed(run.planner, plan))
    # What had changed is in the plan: nobody is asked for what has changed since.
    refresh = evolve(plan.request.refresh, changed=False)
    request = evolve(plan.request, asked_at=now, refresh=refresh)
    return carry_out(reviewed, request, progress=progress, cancel=cancel)


def _check_age(plan: Plan, now: dt.datetime) -> None:
    made = plan.request.asked_at
    if now - made > _OLDEST:
        raise InvalidRequestError(
            f"The plan is of {made:%Y-%m-%d}, more than {_OLDEST.days} days ago: plan again."
        )
    if made - now > _TOLERANCE:
        raise InvalidRequestError(
            f"The plan is of {made:%Y-%m-%d}, which lies in the future: set the clock, or plan "
            "again."
        )


def _check_folder(
    plan: Plan,
    data_folder: str | os.PathLike[str] | None,
    config: str | os.PathLike[str] | None,
) -> None:
    """Refuse a plan for another folder than somebody has named, or for one that is gone."""
    planned = plan.data_folder.absolute()
    settings = configuration.load(config=config, arguments={"data_folder": data_folder})
    origin = settings.origins["data_folder"]
    named = settings.data_folder.absolute()
    if origin != DEFAULT and not _is_same(named, planned):
        where = "the one given" if data_folder is not None else f"that of {origin}"
        raise InvalidRequestError(
            f"The plan is for the data folder {planned}, and {where} is {named}: plan again, or "
            "name the folder of the plan."
        )
    if plan.present and not planned.is_dir():
        raise InvalidRequestError(
            f"The plan is for the data folder {planned}, which is not there: plan again."
        )


def _is_same(one: Path, other: Path) -> bool:
    """Whether two paths lead to the same folder, also where upper and lower case are alike."""
    try:
        return one.samefile(other)
    except OSError:  # one of them is not there
        return os.path.realpath(one) == os.path.realpath(other)


@frozen
class _Reviewed:
    """Plans as the planner does, but nothing that the plan did not."""

    planner: GapPlanner
    plan_made: Plan

    def plan(self, request: Request, data_folder: Path) -> Plan:
        """See :class:`~leanfeed.interfaces.GapPlanner`."""
        found = {s.series: s for s in self.planner.plan(request, data_folder).series}
        with Ledger(data_folder) as ledger:
            series = tuple(
                self._narrowed(found[planned.series], planned, ledger)
                for planned in self.plan_made.series
                if planned.series in found
            )
        return evolve(self.plan_made, request=request, series=series)

    def _narrowed(self, now: SeriesPlan, planned: SeriesPlan, ledger: Ledger) -> SeriesPlan:
        of_plan = {session.date for session in planned.wanted}
        renewed = self._renewed(planned, ledger)
        if self.plan_made.request.refresh.changed:
            again_missing = {*planned.missing} & {*now.no_trades}
            wanted = again_missing | {*planned.refresh} & {*now.present}
            now = revised(now, {session for session in wanted if session.date not in renewed})
        again = {session.date for session in planned.refresh} - renewed

        def among(sessions: Sequence[Session], dates: set[dt.date]) -> tuple[Session, ...]:
            return tuple(session for session in sessions if session.date in dates)

        left_alone = [session for session in now.refresh if session.date not in again]
        return evolve(
            now,
            present=tuple(sorted((*now.present, *left_alone), key=lambda s: s.date)),
            missing=among(now.missing, of_plan),
            begun=among(now.begun, of_plan),
            refresh=among(now.refresh, again),
            unsettled=among(now.unsettled, {session.date for session in planned.unsettled}),
        )

    def _renewed(self, planned: SeriesPlan, ledger: Ledger) -> set[dt.date]:
        """Dates that somebody has fetched since the plan was made."""
        if not planned.wanted:
            return set()
        made = int(self.plan_made.request.asked_at.timestamp() * 1000)
        entries = ledger.entries(planned.series)
        return {
            date for date, entry in entries.items() if entry.source and entry.affirmed_at > made
        }
