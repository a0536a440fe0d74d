"""Sources in order: each is asked for what the ones before it did not have."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from functools import partial
from math import inf
from time import monotonic

from attrs import Factory, define, field, frozen

from leanfeed import errors
from leanfeed.background import Inbox, in_background, within
from leanfeed.choices import turns
from leanfeed.contract import checked
from leanfeed.errors import ContractError, LeanfeedError, SourceError
from leanfeed.events import SourceFailed, SourceFinished, SourceStarted, announce
from leanfeed.interfaces import DataSource
from leanfeed.recording.tape import BlankTape, Tape, Turn
from leanfeed.report import Failure
from leanfeed.values import Choice, Delivery, Gap, Series, Session

__all__ = ["NamedSource", "SourceChain", "supports"]

_logger = logging.getLogger("leanfeed")


@frozen
class NamedSource:
    """A source under the name that the configuration uses."""

    name: str
    source: DataSource


@define
class _Asked:
    """What became of one source."""

    #: Those gaps that it supports; all of them where it failed before it had said so.
    gaps: Sequence[Gap]
    delivered: set[tuple[Series, Session]] = Factory(set)
    fault: SourceError | None = None


@define
class SourceChain:
    """The configured sources, for one run.

    Each works in a thread of its own. One that fails is not asked again in the same run.
    """

    sources: Sequence[NamedSource]
    #: Seconds that a source may take without delivering or announcing anything.
    silence_limit: float = inf
    #: Makes the text of a source fit for messages: without the secrets of the run.
    redacted: Callable[[str], str] = str
    #: Hears what every source answers.
    tape: Tape = Factory(BlankTape)
    #: Where the order is another one than that of the sources.
    choices: Sequence[Choice] = ()
    #: Sources that gave up, in order.
    failures: list[Failure] = Factory(list)
    #: Why nobody gave a session: the last word of the last source that was asked.
    reasons: dict[tuple[Series, Session], str] = Factory(dict)
    _inbox: Inbox[Delivery] = field(factory=Inbox, init=False)

    @property
    def is_idle(self) -> bool:
        """Whether who takes the next delivery has to wait for it."""
        return self._inbox.is_empty

    def fetch(
        self, gaps: Sequence[Gap], *, is_over: Callable[[], bool] = lambda: False
    ) -> Iterator[Delivery]:
        """Yield what the sources deliver, each session once, checked and marked with its source.

        Ends early when `is_over` says so. Never raises a :class:`~leanfeed.errors.SourceError`: see
        :attr:`failures`.
        """
        remaining = list(gaps)
        reason = ""
        before = {failure.source: failure for failure in self.failures}
        failed = {id(one): before[one.name] for one in self.sources if one.name in before}
        for turn in turns(self.sources, self.choices):
            named, wanted = turn.named, turn.of(remaining)
            failure = failed.get(id(named))
            if failure is not None:
                reason = f"{named.name}: {failure.message}"
                self._explain(wanted, failure.in_short)
                continue
            started = monotonic()
            with self.tape.turn(named.name) as taped:
                why = reason if self._is_fallback(wanted) else ""
                asked = yield from self._ask(named, wanted, why, taped, is_over)
                if asked is None:
                    return
                if not asked.gaps:
                    taped.ended(wanted, asked.gaps, None)
                    continue
                reason = short = f"{named.name}: no answer for it"
                if asked.fault is not None:
                    failure = failed[id(named)] = self._failed(named.name, asked.fault)
                    reason = f"{named.name}: {failure.message}"
                    short = f"{named.name}: {asked.fault.summary}"
                taped.ended(wanted, asked.gaps, failure)
            announce(SourceFinished(named.name, len(asked.delivered), monotonic() - started))
            remaining = _without(remaining, asked.delivered)
            self._explain(asked.gaps, short)

    def _ask(
        self,
        named: NamedSource,
        gaps: Sequence[Gap],
        reason: str,
        turn: Turn,
        is_over: Callable[[], bool],
    ) -> Generator[Delivery, None, _Asked | None]:
        """Yield what one source delivers; return what became of it, or None when `is_over`."""
        asked = _Asked(gaps)
        try:
            asked.gaps = within(self.silence_limit, partial(_supported, named.source, gaps))
            if not asked.gaps:
                return asked
            sessions = sum(len(gap.sessions) for gap in asked.gaps)
            announce(SourceStarted(named.name, sessions, reason))
            self._inbox = Inbox(weigh=lambda delivery: len(delivery.bars))
            for delivery in in_background(
                partial(_checked, named.source, asked.gaps),
                silence_limit=self.silence_limit,
                is_over=is_over,
                inbox=self._inbox,
            ):
                turn.answered(delivery)
                series, session = delivery.series, delivery.session
                asked.delivered.add((series, session))
                yield Delivery(series, session, delivery.bars, delivery.request_id, named.name)
            if is_over():
                return None
        except SourceError as error:
            asked.fault = error
        except LeanfeedError:
            raise
        except (Exception, SystemExit) as error:  # a plugin's own fault ends that plugin only
            _logger.info("The source %s raised:", named.name, exc_info=error)
            said = " ".join(self.redacted(str(error)).split())[:200]
            asked.fault = ContractError(f"It raised {type(error).__name__}: {said}.")
        return asked

    def _is_fallback(self, gaps: Iterable[Gap]) -> bool:
        """Whether any of it was asked of another source before."""
        return any(
            (gap.series, session) in self.reasons for gap in gaps for session in gap.sessions
        )

    def _explain(self, gaps: Iterable[Gap], reason: str) -> None:
        for gap in gaps:
            for session in gap.sessions:
                self.reasons[gap.series, session] = reason

    def _failed(self, name: str, error: SourceError) -> Failure:
        kind = next(c for c in type(error).__mro__ if c.__module__ == errors.__name__)
        failure = Failure(name, kind.__name__, self.redacted(str(error)))
        self.failures.append(failure)
        announce(SourceFailed(failure.source, failure.error, failure.message))
        return failure


def _supported(source: DataSource, gaps: Iterable[Gap]) -> list[Gap]:
    return [gap for gap in gaps if supports(source, gap.series)]


def _checked(source: DataSource, gaps: Sequence[Gap]) -> Iterator[Delivery]:
    return checked(source.fetch(gaps), gaps)


def supports(source: DataSource, series: Series) -> bool:
    """What a source says of a series.

    Raises:
        ContractError: it says neither yes nor no.
    """
    answer = source.supports(series)
    if not isinstance(answer, bool):
        raise ContractError(f"supports() returned {type(answer).__name__}, not True or False.")
    return answer


def _without(gaps: Iterable[Gap], delivered: set[tuple[Series, Session]]) -> list[Gap]:
    left = []
    for gap in gaps:
        sessions = tuple(s for s in gap.sessions if (gap.series, s) not in delivered)
        if sessions:
            left.append(Gap(gap.series, sessions))
    return left
