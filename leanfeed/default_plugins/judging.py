"""Sorts the sessions of many series: a series that lacks nothing as a whole, others one by one."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import ge

from leanfeed.default_plugins.places import stamps
from leanfeed.default_plugins.stamps import Stamps
from leanfeed.default_plugins.windows import Window
from leanfeed.ledger import Columns, Ledger
from leanfeed.plans import SeriesPlan
from leanfeed.request import Request, Verify
from leanfeed.values import Hours, Series

__all__ = ["judge"]

#: Sessions that are looked at together: what is kept of their files is bounded.
_AT_A_TIME = 20_000


def judge(
    asked: Sequence[tuple[Series, Window]], request: Request, ledger: Ledger
) -> Iterator[SeriesPlan]:
    """Find out what is present of some series, and what is missing, in their order.

    Raises:
        InvalidRequestError: their files hold other symbols.
        OSError: the system refuses to let leanfeed look.
    """
    before: Iterator[SeriesPlan] = iter(())
    for part in _parts(asked):
        # In this order: what is written meanwhile differs from what the ledger said.
        known = ledger.columns(series for series, _ in part)
        answer = stamps(part, ledger.data_folder)
        yield from before  # while the system looks for the files of this part
        before = _judged(part, known, answer, request, ledger)
    yield from before


def _parts(asked: Iterable[tuple[Series, Window]]) -> Iterator[list[tuple[Series, Window]]]:
    part: list[tuple[Series, Window]] = []
    sessions = 0
    for series, window in asked:
        part.append((series, window))
        sessions += len(window.settled)
        if sessions >= _AT_A_TIME:
            yield part
            part, sessions = [], 0
    if part:
        yield part


def _judged(
    part: Sequence[tuple[Series, Window]],
    known: Mapping[Series, Columns],
    answer: Callable[[], list[Stamps]],
    request: Request,
    ledger: Ledger,
) -> Iterator[SeriesPlan]:
    for (series, window), there in zip(part, answer(), strict=True):
        if _is_all_well(series, window, request, there, known.get(series)):
            yield SeriesPlan(
                series,
                present=window.settled,
                missing=window.begun,
                begun=window.begun,
                unsettled=window.unsettled,
            )
        else:
            from leanfeed.default_plugins.cases import looked_at  # late: often all is well

            yield looked_at(series, window, request, there, ledger)


def _is_all_well(
    series: Series, window: Window, request: Request, found: Stamps, known: Columns | None
) -> bool:
    """Every settled session is there, final, and in a file that the ledger knows.

    It says so of a year of sessions at once, which is what makes a warm folder fast; where it says
    no, each session is looked at by itself.
    """
    if known is None or request.verify is not Verify.QUICK or request.refresh or not window.days:
        return False
    first = bisect_left(known.days, window.days[0])
    part = slice(first, first + len(window.days))
    return (
        known.ticker == series.symbol.ticker
        and known.days[part] == window.days
        and known.sizes[part] == found.sizes
        and known.changes_ns[part] == found.changes_ns
        and found.are_complete
        and (request.hours is Hours.REGULAR or 1 not in known.is_regular[part])
        and _are_final(known.affirmed_at[part], window)
    )


def _are_final(affirmed_at: array[int], window: Window) -> bool:
    """Each of the settled sessions was affirmed when it was final, or all when the last one was."""
    return min(affirmed_at) >= window.final_ats[-1] or all(map(ge, affirmed_at, window.final_ats))
