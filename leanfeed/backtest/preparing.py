"""What a backtest service calls before it starts LEAN."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack

from attrs import evolve

from leanfeed import events
from leanfeed.backtest.chosen import ChosenPlanner
from leanfeed.backtest.not_ready import DataNotReadyError
from leanfeed.backtest.progress import Progress, ProgressTeller
from leanfeed.dates import Date
from leanfeed.errors import InvalidRequestError
from leanfeed.interfaces import DataSource
from leanfeed.observe import DataDownloadLog
from leanfeed.pipeline import carry_out
from leanfeed.report import Report
from leanfeed.request import Symbols
from leanfeed.run import prepare as read_settings
from leanfeed.watch import Cancel

__all__ = ["Log", "prepare"]

Log = str | logging.Logger | events.Listener


def prepare(
    symbols: Symbols | Mapping[str, Symbols],
    resolutions: str | Iterable[str] | None = None,
    *,
    start: Date,
    end: Date | None = None,
    warmup: int = 0,
    session: str | None = None,
    incomplete: str = "skip",
    refresh: Date | Iterable[Date] | None = None,
    verify: str = "quick",
    data_folder: str | os.PathLike[str] | None = None,
    sources: str | Sequence[str | DataSource] | None = None,
    config: str | os.PathLike[str] | None = None,
    progress: Callable[[Progress], None] | None = None,
    cancel: Cancel | None = None,
    backtest_logger: Log | None = None,
) -> Report:
    """Make the data of a backtest complete, or raise one error that says why it is not.

    When everything is there no provider is asked and no process started. May be called from several
    threads at a time.

    Args:
        symbols: as for :func:`leanfeed.ensure`; or, where symbols need different resolutions, the
            symbols of each: ``{"minute": ["SPY", "AAPL"], "daily": "QQQ"}``.
        resolutions: one or several; left out when `symbols` says it.
        start: first trading day of the backtest.
        end: last trading day, inclusive; the last session that is complete unless given.
        warmup: sessions before `start` that the indicators of the strategy need.
        session: as for :func:`leanfeed.ensure`, like the next six.
        incomplete: ``skip`` or ``fetch`` sessions that are not over and settled.
        refresh: sessions to fetch again although they are there.
        verify: how closely to look at what is there.
        data_folder: LEAN's data folder.
        sources: the chain.
        config: a toml file.
        progress: called with a :class:`Progress` whenever there is one. It may come from several
            threads, one at a time; what it raises ends the run and is raised here.
        cancel: a :class:`threading.Event`; once it is set the run ends, within five seconds.
        backtest_logger: who else gets the log of the run: a logger, the name of one, or a callable
            for the events themselves, see :mod:`leanfeed.events`.

    Raises:
        DataNotReadyError: sessions are missing; its ``report`` has the whole story.
        InvalidRequestError: the symbols, the resolutions or the dates are wrong.
        ConfigurationError: the settings cannot work.
        WriteError: the disk refused; what was written before stays.
        CancelledError: `cancel` was set; what was written before stays.
    """
    wanted = _by_resolution(symbols, resolutions)
    with ExitStack() as stack:
        if backtest_logger is not None:
            stack.enter_context(events.listening(_listener(backtest_logger)))
        run = read_settings(config, data_folder=data_folder, sources=sources, session=session)
        parts = tuple(
            run.request(
                of_these,
                resolution=resolution,
                start=start,
                end=end,
                warmup=warmup,
                incomplete=incomplete,
                refresh=refresh,
                verify=verify,
            )
            for resolution, of_these in wanted
        )
        request = evolve(
            parts[0],
            symbols=[symbol for part in parts for symbol in part.symbols],
            resolutions=[resolution for part in parts for resolution in part.resolutions],
        )
        if len(parts) > 1:
            run = evolve(run, planner=ChosenPlanner(run.planner, parts))
        teller = ProgressTeller(progress) if progress is not None else None
        report = carry_out(run, request, progress=teller, cancel=cancel)
    if not report.complete:
        raise DataNotReadyError(report)
    return report


def _by_resolution(
    symbols: Symbols | Mapping[str, Symbols], resolutions: str | Iterable[str] | None
) -> list[tuple[str | Iterable[str], Symbols]]:
    if isinstance(symbols, Mapping):
        if resolutions is not None:
            raise InvalidRequestError(
                "The symbols are given by resolution already: leave out `resolutions`."
            )
        if not symbols:
            raise InvalidRequestError("No symbols were given: name at least one, such as SPY.")
        return list(symbols.items())
    if resolutions is None:
        raise InvalidRequestError("No resolution was given: use daily, hour, minute or second.")
    return [(resolutions, symbols)]


def _listener(log: Log) -> events.Listener:
    if callable(log):
        return log
    return DataDownloadLog(log)
