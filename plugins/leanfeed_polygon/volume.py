"""How many bytes the answers to some questions will be, before anybody has asked."""

from __future__ import annotations

from collections.abc import Iterable

from leanfeed.values import Session
from leanfeed_polygon.grouped import MarketQuestion
from leanfeed_polygon.plan_limits import AnyQuestion
from leanfeed_polygon.windows import Timespan

__all__ = ["expected_bytes"]

#: Of one aggregate in a compressed page.
_AGGREGATE = 24
#: Of all tickers of one day, compressed.
_MARKET_DAY = 600_000


def expected_bytes(questions: Iterable[AnyQuestion]) -> int:
    """About how much comes over the wire, for a ticker that trades all through regular hours."""
    return sum(_of(question) for question in questions)


def _of(question: AnyQuestion) -> int:
    if isinstance(question, MarketQuestion):
        return _MARKET_DAY
    return sum(_AGGREGATE * _bars(session, question.timespan) for session in question.sessions)


def _bars(session: Session, timespan: Timespan) -> int:
    if timespan is Timespan.DAY:
        return 1
    return sum(end - start for start, end in session.regular) // timespan.milliseconds
