"""The straight line: request, plan, sources, writer, report."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from attrs import define, evolve, field

from leanfeed import config as configuration, events, registry
from leanfeed.chain import NamedSource, SourceChain, supports
from leanfeed.dates import Date
from leanfeed.errors import ConfigurationError, WriteError
from leanfeed.interfaces import DataSource, Estimating, GapPlanner, LeanWriter
from leanfeed.ledger import Ledger
from leanfeed.outcome import Outcome
from leanfeed.plans import Plan
from leanfeed.report import Report
from leanfeed.request import Request, Symbols, make_request
from leanfeed.values import Delivery, Estimate, Gap, Hours, Session

__all__ = ["ensure", "plan"]

_logger = logging.getLogger("leanfeed")


def ensure(
    symbols: Symbols,
    *,
    resolution: str | Iterable[str],
    start: Date,
    end: Date | None = None,
    warmup: int = 0,
    session: str | None = None,
    incomplete: str = "skip",
    data_folder: str | os.PathLike[str] | None = None,
    sources: str | Sequence[str | DataSource] | None = None,
    config: str | os.PathLike[str] | None = None,
    progress: Callable[[events.Event], None] | None = None,
    dry_run: bool = False,
) -> Report:
    """Make the data folder hold the sessions asked for, fetching only those it lacks.

    Args:
        symbols: one ticker, or several in any iterable or separated by commas.
        resolution: ``daily``, ``hour``, ``minute`` or ``second``; one or several.
        start: first trading day, a date or text such as ``2024-01-02``, inclusive.
        end: last trading day, inclusive; the last session that is complete unless given.
        warmup: extra sessions before `start`, for what a strategy's indicators need.
        session: ``extended`` (what LEAN stores) or ``regular``, for minute and second bars.
        incomplete: ``skip`` sessions that are not over and settled, or ``fetch`` what there is of
            them; the next run fetches those again.
        data_folder: LEAN's data folder; else the configuration, else ``data-folder`` of the
            ``lean.json`` found upward, else ``./data``.
        sources: the chain, by name; it overrides the configuration. A ready
            :class:`~leanfeed.interfaces.DataSource` may stand among the names.
        config: a toml file; else the nearest ``leanfeed.toml`` or ``[tool.leanfeed]`` upward.
        progress: called with every event of the run, see :mod:`leanfeed.events`.
        dry_run: plan only; everything that would be fetched is reported as missing.

    Raises:
        InvalidRequestError: the symbols, the resolution or the dates are wrong.
        ConfigurationError: the settings cannot work.
        WriteError: the disk refused; what was written before stays.
    """
    started = time.monotonic()
    with ExitStack() as stack:
        guard = _Guard(progress)
        stack.enter_context(events.listening(guard.hear))
        run = _prepare(config, data_folder=data_folder, sources=sources, session=session)
        request = run.request(symbols, resolution, start, end, warmup, incomplete)
        planned = run.planner.plan(request, run.data_folder)
        chain = run.chain() if planned.missing and not dry_run else SourceChain(())
        planned = _completed(planned, run.data_folder, chain)
        events.announce(events.RunStarted(planned))
        outcome = Outcome(planned)
        if chain.sources:
            stack.enter_context(events.listening(outcome.hear))
            _fill(run, chain, outcome, guard)
        otherwise = "a dry run asks nobody" if dry_run else "nobody was asked"
        report = outcome.report(time.monotonic() - started, otherwise=otherwise)
        events.announce(events.RunFinished(report))
    guard.check()
    return report


def plan(
    symbols: Symbols,
    *,
    resolution: str | Iterable[str],
    start: Date,
    end: Date | None = None,
    warmup: int = 0,
    session: str | None = None,
    incomplete: str = "skip",
    data_folder: str | os.PathLike[str] | None = None,
    sources: str | Sequence[str | DataSource] | None = None,
    config: str | os.PathLike[str] | None = None,
) -> Plan:
    """Say which sessions are missing, and how many requests each source would need for them.

    The arguments are those of :func:`ensure`. Asks no provider and writes nothing.

    Raises:
        InvalidRequestError: the symbols, the resolution or the dates are wrong.
        ConfigurationError: the settings cannot work.
    """
    run = _prepare(config, data_folder=data_folder, sources=sources, session=session)
    request = run.request(symbols, resolution, start, end, warmup, incomplete)
    planned = run.planner.plan(request, run.data_folder)
    return _completed(planned, run.data_folder, run.chain())


@define
class _Run:
    """One call's settings, and what they name."""

    settings: configuration.Settings
    planner: GapPlanner
    writer: LeanWriter

    @property
    def data_folder(self) -> Path:
        return self.settings.data_folder

    def request(
        self,
        symbols: Symbols,
        resolution: str | Iterable[str],
        start: Date,
        end: Date | None,
        warmup: int,
        incomplete: str,
    ) -> Request:
        return make_request(
            symbols,
            resolution=resolution,
            start=start,
            end=end,
            warmup=warmup,
            hours=self.settings.session,
            incomplete=incomplete,
        )

    def chain(self) -> SourceChain:
        """The sources in order, ready to be asked."""
        return SourceChain([self._named(source) for source in self.settings.sources])

    def _named(self, source: str | DataSource) -> NamedSource:
        if not isinstance(source, str):
            return NamedSource(type(source).__name__, source)
        factory = registry.installed().sources[source].factory
        return NamedSource(source, self.settings.build("source", source, factory))


def _prepare(config: str | os.PathLike[str] | None, **arguments: Any) -> _Run:
    """Read the settings and look up every name in them."""
    settings = configuration.load(config=config, arguments=arguments)
    installed = registry.installed()
    named = [source for source in settings.sources if isinstance(source, str)]
    for source in (*named, *settings.tables["source"]):
        registry.choose("source", source, installed.sources, installed.broken)
    planner = registry.choose("planner", settings.planner, installed.planners, installed.broken)
    writer = registry.choose("writer", settings.writer, installed.writers, installed.broken)
    return _Run(
        settings=settings,
        planner=settings.build("planner", planner.name, planner.factory),
        writer=settings.build("writer", writer.name, writer.factory),
    )


def _completed(planned: Plan, data_folder: Path, chain: SourceChain) -> Plan:
    """The planner's plan, with what a planner does not know."""
    estimates = {named.name: _estimate(named, planned.gaps) for named in chain.sources}
    return evolve(planned, data_folder=data_folder, estimates=estimates)


def _estimate(named: NamedSource, gaps: Sequence[Gap]) -> Estimate | None:
    """What a source says of its cost; a plugin that fails at it cannot tell."""
    try:
        supported = [gap for gap in gaps if supports(named.source, gap.series)]
        if not supported or not isinstance(named.source, Estimating):
            return None
        estimate = named.source.estimate(supported)
    except ConfigurationError:
        raise
    except Exception as error:
        _logger.info("The source %s cannot estimate:", named.name, exc_info=error)
        return None
    return estimate if isinstance(estimate, Estimate) else None


def _fill(run: _Run, chain: SourceChain, outcome: Outcome, guard: _Guard) -> None:
    """Ask the chain for every gap and let the writer store what comes, one after the other."""
    _check_writable(run.data_folder)
    request = outcome.plan.request
    stream = _Stream(chain.fetch(outcome.plan.gaps), request.hours)
    with Ledger(run.data_folder) as ledger:
        for written in run.writer.write(stream, run.data_folder):
            ledger.record(written, hours=request.hours, at=request.asked_at)
            events.announce(events.SessionStored(written))
            guard.check()
    if stream.interrupt is not None:
        raise stream.interrupt
    outcome.failures = chain.failures
    for gap in outcome.plan.gaps:
        for session in gap.sessions:
            outcome.reasons[gap.series, session] = chain.reason(gap.series, session)


@define
class _Guard:
    """The caller's `progress`, whose errors are the caller's and not those of a source."""

    _progress: events.Listener | None
    _error: Exception | None = field(default=None, init=False)

    def hear(self, event: events.Event) -> None:
        """Pass the event on, until that fails once."""
        if self._progress is None or self._error is not None:
            return
        try:
            self._progress(event)
        except Exception as error:
            self._error = error

    def check(self) -> None:
        """Raise what `progress` raised; in the thread of the run, not in that of a source."""
        if self._error is not None:
            raise self._error


@define
class _Stream:
    """The deliveries on their way to the writer.

    Ctrl-C ends the stream early instead of tearing through the writer, so that what has come
    already is stored; the interrupt waits in :attr:`interrupt`.
    """

    _deliveries: Iterator[Delivery]
    _hours: Hours
    interrupt: KeyboardInterrupt | None = field(default=None, init=False)

    def __iter__(self) -> Iterator[Delivery]:
        try:
            for delivery in self._deliveries:
                yield _within(delivery, self._hours)
        except KeyboardInterrupt as interrupt:
            self.interrupt = interrupt


def _within(delivery: Delivery, hours: Hours) -> Delivery:
    """Only the regular hours of a minute or second session, when those were asked for."""
    if hours is Hours.EXTENDED or not delivery.series.resolution.is_file_per_session:
        return delivery
    return evolve(delivery, bars=_regular(delivery.bars, delivery.session))


def _regular(bars: Any, session: Session) -> Any:
    return type(bars).concat([bars.between(start, end) for start, end in session.regular])


def _check_writable(data_folder: Path) -> None:
    """Find out before the first request that nothing could be stored."""
    nearest = next(p for p in (data_folder, *data_folder.absolute().parents) if p.exists())
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise WriteError(f"The data folder {data_folder} is not writable: check its permissions.")
