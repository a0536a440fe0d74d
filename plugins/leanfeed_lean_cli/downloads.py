"""One job, call by call, until every ticker of it came or was given up."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence

from attrs import define, field

from leanfeed.errors import ContractError, SourceError
from leanfeed.values import Delivery
from leanfeed_lean_cli.calls import Call, LeanCli
from leanfeed_lean_cli.jobs import Job
from leanfeed_lean_cli.outcomes import no_data
from leanfeed_lean_cli.staged import staged

__all__ = ["Downloads", "NoDataError", "summary"]

#: Calls in a row that fail without a single session: more of them would not help.
_MOST_IN_VAIN = 2
_MOST_NAMED = 6


class NoDataError(SourceError):
    """The Lean CLI did its work, and its provider has nothing of a ticker in the window."""

    summary = "it has no data for it"


@define
class Downloads:
    """The jobs of one fetch."""

    _cli: LeanCli
    #: Whether the run was stopped: what is staged is not looked at any more.
    _is_over: Callable[[], bool]
    #: What went wrong on the way, without ending it.
    failures: list[SourceError] = field(factory=list, init=False)
    _in_vain: int = field(default=0, init=False)

    def deliveries(self, job: Job) -> Iterator[Delivery]:
        """Do a job, and yield what came of it, ticker by ticker.

        One bad ticker ends a call, and those after it are never tried. So it is tried once more
        alone, and then the ones after it in another call: at most two calls for each ticker.

        Raises:
            SourceError: a failure that other calls would meet as well.
        """
        groups = [job.tickers]
        while groups:
            tickers, *groups = groups
            rest = yield from self._call(job.of(tickers))
            groups = [group for group in (rest[:1], rest[1:], *groups) if group]

    def _call(self, job: Job) -> Generator[Delivery, None, tuple[str, ...]]:
        """Call once, and return the tickers to be tried again, the one that failed first.

        Of a call that failed, only what it says it was done with is taken.
        """
        with self._cli.download(job) as call:
            problem, tickers = call.problem, job.tickers
            # What lies there of the ticker under way may be sound, and end in the middle of a day.
            done = len(tickers) if problem is None else call.finished
            yield from self._settled(call, tickers[:done])
        if problem is None:
            return ()
        if problem.is_about_ticker and len(tickers) > 1 and done < len(tickers):
            return tickers[done:]
        self._in_vain += 1
        if not problem.is_about_ticker or self._in_vain >= _MOST_IN_VAIN:
            raise problem.error
        self.failures.append(problem.error)
        return ()

    def _settled(self, call: Call, tickers: Sequence[str]) -> Iterator[Delivery]:
        """What was staged of tickers that the call was done with."""
        without: list[str] = []
        for ticker in tickers:
            is_there = False
            gaps = call.job.of([ticker]).gaps
            for found in staged(call.box.staging, gaps, call.job.resolution):
                if self._is_over():
                    return
                is_there = True
                if isinstance(found, ContractError):
                    self.failures.append(found)
                else:
                    self._in_vain = 0
                    yield found
            if not is_there:
                without.append(ticker)
        if call.problem is None and without:
            self.failures += _nothing_came(call, without)


def summary(failures: Sequence[SourceError]) -> SourceError:
    """One error for all: of the first one's class, quoting three and counting the others."""
    texts = list(dict.fromkeys(map(str, failures)))
    more = [f"{len(texts) - 3} more problems."] if len(texts) > 3 else []
    return type(failures[0])(" ".join((*texts[:3], *more)))


def _nothing_came(call: Call, tickers: Sequence[str]) -> Iterator[SourceError]:
    """Why a call that says it succeeded left nothing of some tickers."""
    unknown = [ticker for ticker in tickers if no_data(call.lines, ticker)]
    unexplained = [ticker for ticker in tickers if ticker not in unknown]
    window = f"from {call.job.first} to {call.job.last}"
    if unknown:
        yield NoDataError(
            f"The Lean CLI found no data for {_named(unknown)} {window}: check the ticker and the "
            "dates. This is not remembered as a time without trades."
        )
    if unexplained:
        yield ContractError(
            f"The Lean CLI said that it succeeded, but left nothing of {_named(unexplained)} "
            f"{window}: look at what it said, or ask another source."
        )


def _named(tickers: Sequence[str]) -> str:
    more = len(tickers) - _MOST_NAMED
    return ", ".join(tickers[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
