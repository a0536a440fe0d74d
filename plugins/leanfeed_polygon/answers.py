"""One page of aggregates: from the body of an answer to bars that can be trusted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt
from attrs import evolve, field, frozen

from leanfeed.bars import Bars
from leanfeed.errors import ContractError
from leanfeed.lean.local_time import DAY, HOUR, local_times
from leanfeed.lean.market_hours import zone
from leanfeed.values import Session
from leanfeed_polygon.envelope import broken
from leanfeed_polygon.refusals import Quote
from leanfeed_polygon.rows import read_rows
from leanfeed_polygon.symbols import day_zone
from leanfeed_polygon.windows import Timespan, Window, interval

__all__ = ["Answer", "Page", "Question", "defects", "read_page"]

_MINUTE = 60_000
#: A day is stamped 00:00, by other endpoints 16:00: any other instant belongs to another day.
_DAY_STAMPS = (0, 16 * HOUR)
# No share costs or trades less or more, and LEAN's decimals hold all that lies between.
_LEAST, _MOST = 1e-9, 1e12


@frozen
class Question:
    """What was asked, which the answer has to match."""

    #: In Polygon's spelling.
    ticker: str
    timespan: Timespan
    window: Window

    @property
    def sessions(self) -> tuple[Session, ...]:
        """What it asks about, oldest first."""
        return self.window.sessions

    def narrowed(self, sessions: tuple[Session, ...]) -> Question:
        """The question about `sessions` only, neighbours among its own."""
        return evolve(self, window=self.window.narrowed(sessions, self.timespan))

    def probe(self, session: Session) -> Question:
        """The smallest question about a session, its own or not: its day or its first minute."""
        start, end = interval(session, self.timespan)
        if self.timespan is not Timespan.DAY:
            end = start + _MINUTE
        return evolve(self, window=Window(start, end, (session,)))


@frozen
class Page:
    """What was answered."""

    bars: Bars
    #: Where the provider says the next page is; empty on the last page.
    next_url: str
    request_id: str


@frozen
class Answer:
    """What came for one question."""

    #: Those that it speaks of; the plan of the key may not include all that were asked.
    sessions: frozenset[Session]
    #: By ticker, in Polygon's spelling; a ticker that is not there was not traded.
    bars: Mapping[str, Bars]
    #: Polygon's name for the last of its pages.
    request_id: str
    #: Tickers whose part of the answer cannot be trusted.
    faults: Mapping[str, ContractError] = field(factory=dict)

    def has_bars(self, session: Session) -> bool:
        """Whether anything was traded on its day."""
        return any(len(bars.between(*session.day)) for bars in self.bars.values())


def read_page(body: bytes, question: Question, *, quote: Quote) -> Page:
    """Read a page and check all of it: one bad bar rejects the page.

    Raises:
        SourceError: see :func:`~leanfeed_polygon.rows.read_rows`.
        ContractError: the answer is not what was asked, or cannot be true.
    """
    answer, bars = read_rows(body, about=question.ticker, quote=quote)
    if answer.ticker != question.ticker:
        raise broken(question.ticker, f"it is about {quote(answer.ticker) or 'no ticker'}")
    _check_bars(bars, question)
    return Page(bars, answer.next_url or "", quote(answer.request_id or ""))


def defects(bars: Bars, start: int, end: int) -> Iterator[tuple[str, npt.NDArray[np.bool_]]]:
    """What can be wrong with a single bar, in words, and which bars are wrong in that way.

    Args:
        bars: in any order.
        start: the first instant at which one may start, UTC epoch milliseconds.
        end: the first instant after it at which none may start.
    """
    prices = np.stack((bars.open, bars.high, bars.low, bars.close))
    cheapest, dearest = np.minimum.reduce(prices), np.maximum.reduce(prices)
    yield "lies outside the window", (bars.time < start) | (bars.time >= end)
    yield "has a price that is no price", ~((cheapest >= _LEAST) & (dearest < _MOST))
    yield "has a low above its open or close", bars.low > np.minimum(bars.open, bars.close)
    yield "has a high below its open or close", bars.high < np.maximum(bars.open, bars.close)
    is_volume = (bars.volume == 0) | ((bars.volume >= _LEAST) & (bars.volume < _MOST))
    yield "has a volume that is no volume", ~is_volume


def _is_sound(bars: Bars, window: Window, step: int) -> bool:
    """Certainly as asked and without a defect: the short way for nearly all pages there are."""
    time, low, high, volume = bars.time, bars.low, bars.high, bars.volume
    return bool(
        window.start <= time[0]
        and time[-1] < window.end
        and (time[1:] > time[:-1]).all()
        and not ((time - window.start) % step).any()
        and low.min() >= _LEAST
        and high.max() < _MOST
        and (low <= np.minimum(bars.open, bars.close)).all()
        and (high >= np.maximum(bars.open, bars.close)).all()
        and volume.min() >= _LEAST
        and volume.max() < _MOST
    )


def _check_bars(bars: Bars, question: Question) -> None:
    window, timespan = question.window, question.timespan
    step = timespan.milliseconds
    if timespan is not Timespan.DAY and len(bars) and _is_sound(bars, window, step):
        return
    found = [
        ("does not come after the bar before it", np.diff(bars.time, prepend=-1) <= 0),
        *defects(bars, window.start, window.end),
    ]
    if timespan is Timespan.DAY:
        shown = local_times(bars.time, zone(day_zone(question.ticker))) % DAY
        off_grid = ~np.isin(shown, _DAY_STAMPS)
    else:
        off_grid = (bars.time - window.start) % step != 0
    found.insert(2, (f"does not start on a {timespan}", off_grid))
    for reason, wrong in found:
        if wrong.any():
            at = np.datetime64(int(bars.time[np.argmax(wrong)]), "ms")
            raise broken(question.ticker, f"the bar of {at}Z {reason}")
