"""Sources in order: each is asked for what the ones before it did not have.

:func:`checked` is the one definition of a valid answer. The chain distrusts every source with it at
run time, and the conformance kit calls the same function.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from attrs import Factory, define, evolve, frozen

from leanfeed.errors import ContractError, LeanfeedError, SourceError
from leanfeed.events import SourceFailed, SourceStarted, announce
from leanfeed.interfaces import DataSource
from leanfeed.report import Failure
from leanfeed.values import Delivery, Gap, Resolution, SecurityType, Series, Session, TickType

__all__ = ["NamedSource", "SourceChain", "checked", "problem_with"]


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
                asked += (gap for gap in remaining if named.source.supports(gap.series))
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
            except Exception as error:  # a plugin's own fault ends that plugin only
                fault = ContractError(f"it raised {type(error).__name__}: {_one_line(error)}")
            reason = self._failed(named.name, fault) if fault else f"{named.name}: no answer for it"
            remaining = _without(remaining, delivered)
            for gap in asked or remaining:
                self._reasons.update({(gap.series, session): reason for session in gap.sessions})

    def reason(self, series: Series, session: Session) -> str:
        """Why nobody gave this session: the last word of the last source that was asked."""
        return self._reasons.get((series, session), "no configured source supports it")

    def _failed(self, name: str, error: SourceError) -> str:
        failure = Failure(name, type(error).__name__, str(error))
        self.failures.append(failure)
        announce(SourceFailed(failure.source, failure.error, failure.message))
        return f"{name}: {error}"


def _without(gaps: Iterable[Gap], delivered: set[tuple[Series, Session]]) -> list[Gap]:
    left = [
        Gap(gap.series, tuple(s for s in gap.sessions if (gap.series, s) not in delivered))
        for gap in gaps
    ]
    return [gap for gap in left if gap.sessions]


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200]


def checked(deliveries: Iterable[Delivery], gaps: Sequence[Gap]) -> Iterator[Delivery]:
    """Pass on deliveries that keep the contract of :class:`~leanfeed.interfaces.DataSource`.

    Raises:
        ContractError: at the first one that does not; it is not passed on.
    """
    asked = {gap.series: set(gap.sessions) for gap in gaps}
    newest: dict[Series, Session] = {}
    for delivery in deliveries:
        if not isinstance(delivery, Delivery):
            raise ContractError(f"it yielded {type(delivery).__name__} where a Delivery belongs")
        where = f"{delivery.series} {delivery.session}"
        if delivery.session not in asked.get(delivery.series, ()):
            raise ContractError(f"it delivered {where}, which was not asked or came twice")
        before = newest.get(delivery.series)
        if before is not None and delivery.session.date < before.date:
            raise ContractError(f"it delivered {where} after {before}")
        problem = problem_with(delivery)
        if problem:
            raise ContractError(f"{where}: {problem}")
        asked[delivery.series].discard(delivery.session)
        newest[delivery.series] = delivery.session
        yield delivery


def problem_with(delivery: Delivery) -> str:
    """What is wrong with the bars of a delivery, in words; empty when nothing is."""
    import numpy as np

    from leanfeed.bars import Bars, QuoteBars

    bars, series = delivery.bars, delivery.series
    expected = Bars if series.tick_type is TickType.TRADE else QuoteBars
    if not isinstance(bars, expected):
        return f"bars are {type(bars).__name__}, not {expected.__name__}"
    if len({column.shape for column in bars.columns}) != 1 or bars.time.ndim != 1:
        return "the columns differ in length"
    if not len(bars):
        return ""
    if (np.diff(bars.time) <= 0).any():
        return "bars are not in ascending order of time, or a time comes twice"
    problem = _problem_with_times(delivery)
    if problem or not isinstance(bars, Bars):
        return problem
    prices = np.stack((bars.open, bars.high, bars.low, bars.close))
    if not (np.isfinite(prices).all() and np.isfinite(bars.volume).all()):
        return "a price or volume is not a finite number"
    if (prices.max(axis=0) > bars.high).any() or (prices.min(axis=0) < bars.low).any():
        return "a low or high does not enclose the other prices"
    if (bars.volume < 0).any():
        return "a volume is negative"
    if series.symbol.security_type is SecurityType.EQUITY and (bars.low <= 0).any():
        return "a price is zero or negative"
    return ""


def _problem_with_times(delivery: Delivery) -> str:
    """Bars belong to the session and start on the grid of their resolution."""
    time, session = delivery.bars.time, delivery.session
    resolution = delivery.series.resolution
    midnight = session.day[0]
    if resolution is Resolution.DAILY:
        one = len(time) == 1 and int(time[0]) == midnight
        return "" if one else "a daily session needs one bar, stamped with local midnight"
    step = resolution.milliseconds
    if ((time - midnight) % step).any():
        return f"a bar does not start on a full {resolution}"
    # LEAN stamps an hour bar with its full hour, which may begin before the market opens.
    start, end = session.extended
    first = midnight + (start - midnight) // step * step
    # Quotes may have one last row at the very end: LEAN's own samples do.
    last = end - step if delivery.series.tick_type is TickType.TRADE else end
    if int(time[0]) < first or int(time[-1]) > last:
        return "a bar lies outside the session"
    return ""
