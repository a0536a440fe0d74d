"""One call's settings, and what they name: planner, writer and chain."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define, evolve, frozen

from leanfeed import config as configuration, configured
from leanfeed.claims import generation
from leanfeed.errors import ConfigurationError, InvalidRequestError, SourceError
from leanfeed.interfaces import (
    DataSource,
    Estimating,
    GapPlanner,
    Given,
    LeanWriter,
    Republishing,
    Universe,
)
from leanfeed.ledger import Ledger
from leanfeed.outcome import Outcome
from leanfeed.plans import Plan
from leanfeed.redaction import Redactor
from leanfeed.request import Request, make_request
from leanfeed.values import Estimate, Gap, Symbol
from leanfeed.volume import expected_bytes
from leanfeed.watch import Watch

if TYPE_CHECKING:
    from leanfeed.chain import NamedSource, SourceChain
    from leanfeed.recording.tape import Tape

__all__ = ["Found", "Run", "prepare"]

Answer = TypeVar("Answer")


@frozen
class Found:
    """What the planner found, and when."""

    plan: Plan
    #: What :func:`~leanfeed.claims.generation` gave just before.
    generation: str


@define
class Run:
    """What one call works with."""

    settings: configuration.Settings
    planner: GapPlanner
    writer: LeanWriter
    #: Masks the secrets that anybody gets in this run.
    redactor: Redactor

    @property
    def data_folder(self) -> Path:
        """LEAN's data folder."""
        return self.settings.data_folder

    def request(self, symbols: Any, **asked: Any) -> Request:
        """What is asked; see :func:`~leanfeed.request.make_request`."""
        return make_request(symbols, hours=self.settings.session, may_be_all=True, **asked)

    def expanded(self, request: Request) -> Request:
        """The request with the symbols that ``*`` stands for, by the first source that knows them.

        Raises:
            InvalidRequestError: no source of the chain can know them.
            SourceError: those that should know cannot be asked.
        """
        if request.universe is None or request.symbols:
            return request
        failures: list[SourceError] = []
        is_known = False
        for named in self.chain().sources:
            if isinstance(named.source, Universe):
                is_known = True
                ask = partial(_listed, named.source, request)
                try:
                    symbols = self._within(ask)
                except SourceError as error:
                    failures.append(error)
                    continue
                if symbols:
                    return evolve(request, symbols=symbols)
        if failures:
            raise failures[0]
        if is_known:  # there is no trading day in the window
            return request
        raise InvalidRequestError(
            "No source of the chain knows which symbols there are: add flatfiles, or name them."
        )

    def look(self, request: Request) -> Found:
        """Find out what is missing."""
        before = generation(self.data_folder)
        return Found(self._plan(request), before)

    def adopt(self, planned: Plan) -> None:
        """Remember which files were opened and found whole, so that the next run need not."""
        verified = {s.series: s.verified for s in planned.series if s.verified}
        if verified:
            with Ledger(self.data_folder) as ledger:
                for series, entries in verified.items():
                    ledger.adopt(series, entries)

    def _plan(self, request: Request) -> Plan:
        planned = self.planner.plan(request, self.data_folder)
        planned = evolve(planned, data_folder=self.data_folder)
        if not request.refresh.changed:
            return planned
        from leanfeed.revisions import with_revisions  # late: few ask for that

        return with_revisions(planned, self._changed)

    def _changed(self, given: Iterable[Given]) -> Iterator[Given]:
        """What the sources of the chain would give otherwise today.

        Raises:
            SourceError: one of them cannot find out.
        """
        known = tuple(given)
        for named in configured.chain(self.settings) if known else ():
            if isinstance(named.source, Republishing):
                changed = partial(_changed, named.source, known)
                yield from self._within(changed)

    def chain(self, tape: Tape | None = None) -> SourceChain:
        """The sources in order, ready to be asked; the tape hears what they answer."""
        from leanfeed.chain import SourceChain  # late: a folder that lacks nothing needs none
        from leanfeed.recording.tape import BlankTape

        sources = configured.chain(self.settings)
        limit = self.settings.silence_limit
        return SourceChain(sources, limit, self.redactor, tape or BlankTape())

    def tape(self, request: Request) -> Tape | None:
        """What keeps the answers to a request, where the settings name a recording.

        Raises:
            ConfigurationError: the folder is something else, or cannot be read.
            WriteError: the disk refused.
        """
        if self.settings.record is None:
            return None
        from leanfeed.recording.recorder import Recorder

        return Recorder.open(self.settings.record, request=str(request), redacted=self.redactor)

    def estimated(self, planned: Plan, chain: SourceChain | None) -> Plan:
        """The plan with what each source of the chain says of its cost, and the cheaper ones."""
        if chain is None:
            return evolve(planned, bytes=expected_bytes(planned))
        from leanfeed.choices import choices  # late, as above

        sources, gaps = chain.sources, planned.gaps
        return evolve(
            planned,
            estimates={s.name: self._cost(s, gaps) for s in sources},
            choices=tuple(choices(sources, gaps, self._cost)),
            bytes=expected_bytes(planned),
        )

    def _cost(self, named: NamedSource, gaps: Sequence[Gap]) -> Estimate | None:
        """What a source says of its cost; a plugin that fails at it cannot tell."""
        try:
            return self._within(lambda: _estimate(named.source, gaps))
        except ConfigurationError:
            raise
        except Exception as error:
            import logging  # late: most runs log nothing

            logger = logging.getLogger("leanfeed")
            logger.info("The source %s cannot estimate:", named.name, exc_info=error)
            return None

    def _within(self, ask: Callable[[], Answer]) -> Answer:
        """What a source answers, unless it takes longer than it may be silent.

        Raises:
            UnavailableError: it took longer.
        """
        from leanfeed.background import within  # late, as above

        return within(self.settings.silence_limit, ask)

    def fill(self, chain: SourceChain, outcome: Outcome, watch: Watch, before: str) -> None:
        """Fetch and store what is missing; see :class:`~leanfeed.filling.Filling`."""
        from leanfeed.filling import Filling

        Filling(
            chain=chain,
            writer=self.writer,
            plan=self._plan,
            outcome=outcome,
            watch=watch,
            lock_limit=self.settings.lock_limit,
            generation=before,
        ).run()


def prepare(config: str | os.PathLike[str] | None, **arguments: Any) -> Run:
    """Read the settings and look up every name in them.

    Raises:
        ConfigurationError: the settings cannot work.
    """
    settings = configuration.load(config=config, arguments=arguments)
    configured.check(settings)
    return Run(
        settings=settings,
        planner=configured.planner(settings),
        writer=configured.writer(settings),
        redactor=Redactor(configured.secrets(settings)),
    )


def _listed(source: Universe, request: Request) -> tuple[Symbol, ...]:
    return tuple(source.universe(request))


def _changed(source: Republishing, given: Iterable[Given]) -> tuple[Given, ...]:
    return tuple(source.changed(given))


def _estimate(source: DataSource, gaps: Sequence[Gap]) -> Estimate | None:
    from leanfeed.chain import supports

    supported = [gap for gap in gaps if supports(source, gap.series)]
    if not supported or not isinstance(source, Estimating):
        return None
    estimate = source.estimate(supported)
    return estimate if isinstance(estimate, Estimate) else None
