"""The straight line: request, plan, sources, writer, report."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, ExitStack
from typing import Literal

from leanfeed import configured, events
from leanfeed.dates import Date
from leanfeed.errors import CancelledError
from leanfeed.interfaces import DataSource
from leanfeed.notebook import live_line
from leanfeed.outcome import Outcome
from leanfeed.plans import Plan
from leanfeed.redaction import Redactor
from leanfeed.report import Report
from leanfeed.report_text import DRY_RUN, verdict
from leanfeed.request import Request, Symbols
from leanfeed.run import Run, prepare
from leanfeed.scarcity import spare_addresses
from leanfeed.watch import Cancel, Watch
from leanfeed.wording import counted

__all__ = ["carry_out", "ensure", "plan"]


def ensure(
    symbols: Symbols,
    *,
    resolution: str | Iterable[str],
    start: Date,
    end: Date | None = None,
    security_type: str = "equity",
    warmup: int = 0,
    session: str | None = None,
    incomplete: str = "skip",
    refresh: Date | Iterable[Date] | None = None,
    overwrite: bool = False,
    verify: str = "quick",
    data_folder: str | os.PathLike[str] | None = None,
    sources: str | Sequence[str | DataSource] | None = None,
    config: str | os.PathLike[str] | None = None,
    progress: Callable[[events.Event], None] | Literal[False] | None = None,
    cancel: Cancel | None = None,
    dry_run: bool = False,
    record: str | os.PathLike[str] | None = None,
    replay: str | os.PathLike[str] | None = None,
) -> Report:
    """Make the data folder hold the sessions asked for, fetching only those it lacks.

    May be called from several threads and processes at a time: what one of them fetches the others
    wait for, so that nothing is fetched twice.

    Args:
        symbols: one ticker, or several in any iterable or separated by commas; ``*`` for all that
            a source with a universe, such as ``flatfiles``, knows in the window.
        resolution: ``daily``, ``hour``, ``minute`` or ``second``; one or several.
        start: first trading day, a date or text such as ``2024-01-02``, inclusive.
        end: last trading day, inclusive; the last session that is complete unless given.
        security_type: what tickers in text are: ``equity``, ``option`` for the chains of options on
            them, ``index``, or ``indexoption``; a :class:`~leanfeed.Symbol` says it by itself.
        warmup: extra sessions before `start`, for what a strategy's indicators need.
        session: ``extended`` (what LEAN stores) or ``regular``, for minute and second bars.
        incomplete: ``skip`` sessions that are not over and settled, or ``fetch`` what there is of
            them; the next run fetches those again.
        refresh: sessions to fetch again although they are there, because providers correct bars:
            ``recent`` (the last seven days), ``all``, ``changed`` (what its source would give
            otherwise today, as far as it can tell without fetching bars, which it is asked), dates,
            or ranges such as ``2024-01-02..2024-01-05``. The old bars stay until the new ones are
            there.
        overwrite: refresh also what leanfeed did not write.
        verify: how closely to look at what is there: ``quick``, ``checksum`` or ``full``, see
            :class:`leanfeed.Verify`.
        data_folder: LEAN's data folder; else the configuration, else ``data-folder`` of the
            ``lean.json`` found upward, else ``./data``.
        sources: the chain, by name; it overrides the configuration. A ready
            :class:`~leanfeed.interfaces.DataSource` may stand among the names.
        config: a toml file; else the nearest ``leanfeed.toml`` or ``[tool.leanfeed]`` upward.
        progress: called with every event of the run, see :mod:`leanfeed.events`. The run is also
            logged, with the logger ``leanfeed``; :class:`leanfeed.observe.DataDownloadLog` as
            `progress` logs it with another one too. In a notebook one line shows how far the run
            is, unless this is a function or False.
        cancel: a :class:`threading.Event`; once it is set the run ends, within five seconds.
        dry_run: plan only; everything that would be fetched is reported as missing.
        record: a folder to which everything is added that a source answers, as text and without
            secrets, so that it can be replayed.
        replay: a recording that answers in the place of the sources; nobody else is asked.

    Raises:
        InvalidRequestError: the symbols, the resolution or the dates are wrong.
        ConfigurationError: the settings cannot work.
        SourceError: a source cannot find out what has ``changed``; nothing was fetched.
        WriteError: the disk refused; what was written before stays.
        CancelledError: `cancel` was set; what was written before stays.
        SourceError: with ``*``: nobody could say which symbols there are.
    """
    run = prepare(
        config,
        data_folder=data_folder,
        sources=sources,
        session=session,
        record=record,
        replay=replay,
    )
    request = run.request(
        symbols,
        resolution=resolution,
        start=start,
        end=end,
        security_type=security_type,
        warmup=warmup,
        incomplete=incomplete,
        refresh=refresh,
        overwrite=overwrite,
        verify=verify,
    )
    return carry_out(run, request, progress=progress, cancel=cancel, dry_run=dry_run)


def carry_out(
    run: Run,
    request: Request,
    *,
    progress: events.Listener | Literal[False] | None = None,
    cancel: Cancel | None = None,
    dry_run: bool = False,
) -> Report:
    """Plan a request that is ready with the run's planner, fetch what is missing, and report.

    Raises:
        InvalidRequestError: the calendar does not know the window.
        WriteError: the disk refused; what was written before stays.
        CancelledError: `cancel` was set; what was written before stays.
    """
    started = time.monotonic()
    # Who has not imported logging hears nothing of it; sources may import it when they are asked.
    are_asked = request.universe is not None or request.refresh.changed
    is_logged = are_asked or "logging" in sys.modules
    with ExitStack() as stack:
        watch = Watch(live_line() if progress is None else progress or None, cancel)
        if is_logged:
            stack.enter_context(_logged(run.redactor))
        stack.enter_context(events.listening(watch.hear))
        heard: list[events.Event] = []
        with events.listening(heard.append):
            request = run.expanded(request)
        found = run.look(request)
        if not dry_run:
            run.adopt(found.plan)
        is_filled = bool(found.plan.gaps) and not dry_run
        if is_filled and not is_logged:
            stack.enter_context(_logged(run.redactor))
        tape = None if dry_run else run.tape(request)
        chain = run.chain(tape) if is_filled else None
        planned = run.estimated(found.plan, chain)
        events.announce(events.RunStarted(planned, configured.names(run.settings)))
        outcome = Outcome(planned)
        for event in heard:
            outcome.hear(event)
        stack.enter_context(events.listening(outcome.hear))
        otherwise = DRY_RUN if dry_run else "no configured source supports it"
        try:
            if chain is not None:
                chain.choices = planned.choices
                spare_addresses()
                run.fill(chain, outcome, watch, found.generation)
        finally:  # also when it was interrupted, or the disk refused
            if watch.is_cancelled:
                otherwise = "the run was stopped"
            report = outcome.report(time.monotonic() - started, otherwise=otherwise)
            is_cancelled = watch.is_cancelled and not report.complete
            events.announce(events.RunFinished(report, is_cancelled))
    watch.check()
    if is_cancelled:
        raise CancelledError(
            f"Stopped with {counted(report.stored_sessions, 'session')} stored, "
            f"{verdict(report)}: run again to go on.",
            report=report,
        )
    return report


def _logged(redactor: Redactor) -> AbstractContextManager[None]:
    from leanfeed.logs import logged  # late: it brings logging

    return logged(redactor)


def plan(
    symbols: Symbols,
    *,
    resolution: str | Iterable[str],
    start: Date,
    end: Date | None = None,
    security_type: str = "equity",
    warmup: int = 0,
    session: str | None = None,
    incomplete: str = "skip",
    refresh: Date | Iterable[Date] | None = None,
    overwrite: bool = False,
    verify: str = "quick",
    data_folder: str | os.PathLike[str] | None = None,
    sources: str | Sequence[str | DataSource] | None = None,
    config: str | os.PathLike[str] | None = None,
) -> Plan:
    """Say which sessions are missing, and how many requests each source would need for them.

    The arguments are those of :func:`ensure`. Writes nothing, and asks no provider but for what
    has ``changed``.

    Raises:
        InvalidRequestError: the symbols, the resolution or the dates are wrong.
        ConfigurationError: the settings cannot work.
        SourceError: a source cannot find out what has ``changed``.
    """
    run = prepare(config, data_folder=data_folder, sources=sources, session=session)
    request = run.request(
        symbols,
        resolution=resolution,
        start=start,
        end=end,
        security_type=security_type,
        warmup=warmup,
        incomplete=incomplete,
        refresh=refresh,
        overwrite=overwrite,
        verify=verify,
    )
    return run.estimated(run.look(run.expanded(request)).plan, run.chain())
