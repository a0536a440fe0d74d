"""Fetching what LEAN did not find in its last backtest, and nothing else."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from attrs import evolve

from leanfeed import clock
from leanfeed.backtest.chosen import ChosenPlanner
from leanfeed.backtest.fill_report import FillReport
from leanfeed.backtest.lean_run import FailedRequests, failed_requests
from leanfeed.backtest.wanted import wanted_sessions
from leanfeed.dates import Date, parse_date
from leanfeed.errors import CancelledError, InvalidRequestError
from leanfeed.events import Event
from leanfeed.interfaces import DataSource
from leanfeed.lean.market_hours import market_hours
from leanfeed.pipeline import carry_out
from leanfeed.report import Report
from leanfeed.run import prepare as read_settings
from leanfeed.values import Series
from leanfeed.watch import Cancel

__all__ = ["fill"]

_ONE_DAY = dt.timedelta(days=1)


def fill(
    folder: str | os.PathLike[str],
    *,
    start: Date | None = None,
    end: Date | None = None,
    warmup: int = 0,
    session: str | None = None,
    incomplete: str = "skip",
    verify: str = "quick",
    data_folder: str | os.PathLike[str] | None = None,
    sources: str | Sequence[str | DataSource] | None = None,
    config: str | os.PathLike[str] | None = None,
    progress: Callable[[Event], None] | None = None,
    cancel: Cancel | None = None,
    dry_run: bool = False,
    record: str | os.PathLike[str] | None = None,
    replay: str | os.PathLike[str] | None = None,
) -> FillReport:
    """Fetch the trade bars of US equities that LEAN wanted in a backtest and did not find.

    Of minute and second bars exactly the sessions that LEAN names. It names an hour or daily file
    without days, because one file holds them all: of that the sessions of the backtest are fetched,
    whose first and last day LEAN's results tell. Where there are no results and no `start`, they
    are left out and the report says so. One run fetches everything.

    Args:
        folder: where LEAN put its results, see :func:`failed_requests`.
        start: first day of the hour and daily bars, instead of the backtest's.
        end: their last day, inclusive.
        warmup: sessions before `start` of the hour and daily bars.
        session: as for :func:`leanfeed.ensure`, like all that follow.
        incomplete: ``skip`` or ``fetch`` sessions that are not over and settled.
        verify: how closely to look at what is there.
        data_folder: LEAN's data folder.
        sources: the chain.
        config: a toml file.
        progress: called with every event of the run.
        cancel: a :class:`threading.Event`; once it is set the run ends.
        dry_run: plan only; everything that would be fetched is reported as missing.
        record: a folder for what the sources answer.
        replay: a recording that answers in their place.

    Raises:
        InvalidRequestError: there is no list of LEAN's, or `start` lies after `end`.
        ConfigurationError: the settings cannot work.
        WriteError: the disk refused; what was written before stays.
        CancelledError: `cancel` was set; what was written before stays.
    """
    found = failed_requests(folder)
    run = read_settings(
        config,
        data_folder=data_folder,
        sources=sources,
        session=session,
        record=record,
        replay=replay,
    )
    today = clock.now().date()
    asked: dict[Series, Sequence[dt.date]] = dict(found.dates)
    window = _window(found, start, end, today) if found.undated else None
    without_start = () if window else found.undated
    if window:
        asked |= _undated(found.undated, window, warmup, run.data_folder)
    wanted = wanted_sessions(asked, run.data_folder, today=today)
    if not wanted.dates:
        return FillReport(found, refused=wanted.refused, without_start=without_start)
    parts = []
    for resolution, symbols in wanted.symbols.items():
        first, last = wanted.window(resolution)
        parts.append(
            run.request(
                sorted(symbols),
                resolution=resolution,
                start=first,
                end=last,
                incomplete=incomplete,
                verify=verify,
            )
        )
    request = evolve(
        parts[0],
        symbols=[symbol for part in parts for symbol in part.symbols],
        resolutions=[resolution for part in parts for resolution in part.resolutions],
        start=min(part.start for part in parts),
        end=max(part.end for part in parts if part.end),
    )
    run = evolve(run, planner=ChosenPlanner(run.planner, tuple(parts), wanted.dates))
    try:
        report = carry_out(run, request, progress=progress, cancel=cancel, dry_run=dry_run)
    except CancelledError as error:
        if isinstance(error.report, Report):
            error.report = FillReport(found, error.report, wanted.refused, without_start)
        raise
    return FillReport(found, report, wanted.refused, without_start)


def _window(
    found: FailedRequests, start: Date | None, end: Date | None, today: dt.date
) -> tuple[dt.date, dt.date] | None:
    """First and last day of what LEAN names without days; at most until yesterday.

    None: nobody knows when the backtest began.
    """
    first, last = found.window or (None, today)
    first = first if start is None else parse_date(start)
    last = last if end is None else parse_date(end)
    if first is None:
        return None
    last = min(last, today - _ONE_DAY)
    if last < first:
        raise InvalidRequestError(
            f"The hour and daily bars from {first} to {last} are none: give another start or end."
        )
    return first, last


def _undated(
    undated: Iterable[Series], window: tuple[dt.date, dt.date], warmup: int, data_folder: Path
) -> dict[Series, Sequence[dt.date]]:
    """The days of the window, with the warm-up before it, for each of the series."""
    days: dict[str, list[dt.date]] = {}
    asked: dict[Series, Sequence[dt.date]] = {}
    for series in undated:
        hours = market_hours(series.symbol, data_folder)
        if hours.key not in days:
            before = hours.sessions_before(window[0], warmup)
            days[hours.key] = [one.date for one in (*before, *hours.sessions(*window))]
        asked[series] = days[hours.key]
    return asked
