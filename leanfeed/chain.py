"""Sources in order: each is asked for what the ones before it did not have."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence

from attrs import Factory, define, evolve, frozen

from leanfeed import errors
from leanfeed.contract import checked
from leanfeed.errors import ContractError, LeanfeedError, SourceError
from leanfeed.events import SourceFailed, SourceStarted, announce
from leanfeed.interfaces import DataSource
from leanfeed.report import Failure
from leanfeed.values import Delivery, Gap, Series, Session

__all__ = ["NamedSource", "SourceChain", "supports"]

_logger = logging.getLogger("leanfeed")


@frozen
class NamedSource:
    """A source under the name that the configuration uses."""

    name: str
    source: DataSource


@define
class SourceChain:
    """The configured sources, for one run.

    A source that fails is not asked again in the same run.
    """

    sources: Sequence[NamedSource]
    #: Sources that gave up, in order.
    failures: list[Failure] = Factory(list)
    _reasons: dict[tuple[Series, Session], str] = Factory(dict)

    def fetch(self, gaps: Sequence[Gap]) -> Iterator[Delivery]:
        """Yield what the sources deliver, each session once, checked and marked with its source.

        Never raises a :class:`~leanfeed.errors.SourceError`: see :attr:`failures`.
        """
        remaining = list(gaps)
        reason = ""
        for named in self.sources:
            delivered: set[tuple[Series, Session]] = set()
            asked: list[Gap] = []
            fault: SourceError | None = None
            try:
                asked += (gap for gap in remaining if supports(named.source, gap.series))
                if not asked:
                    continue
                announce(SourceStarted(named.name, sum(len(gap.sessions) for gap in asked), reason))
                for delivery in checked(named.source.fetch(asked), asked):
                    delivered.add((delivery.series, delivery.session))
                    yield evolve(delivery, source=named.name)
            except SourceError as error:
                fault = error
            except LeanfeedError:
                raise
            except (Exception, SystemExit) as error:  # a plugin's own fault ends that plugin only
                _logger.info("The source %s raised:", named.name, exc_info=error)
                fault = ContractError(f"It raised {type(error).__name__}: {_one_line(error)}.")
            reason = short = f"{named.name}: no answer for it"
            if fault is not None:
                self._failed(named.name, fault)
                reason, short = f"{named.name}: {fault}", f"{named.name}: {fault.summary}"
            remaining = _without(remaining, delivered)
            for gap in asked or remaining:
                self._reasons.update({(gap.series, session): short for session in gap.sessions})

    def reason(self, series: Series, session: Session) -> str:
        """Why nobody gave this session: the last word of the last source that was asked."""
        return self._reasons.get((series, session), "no configured source supports it")

    def _failed(self, name: str, error: SourceError) -> None:
        kind = next(c for c in type(error).__mro__ if c.__module__ == errors.__name__)
        failure = Failure(name, kind.__name__, str(error))
        self.failures.append(failure)
        announce(SourceFailed(failure.source, failure.error, failure.message))


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
    left = [
        Gap(gap.series, tuple(s for s in gap.sessions if (gap.series, s) not in delivered))
        for gap in gaps
    ]
    return [gap for gap in left if gap.sessions]


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200]
