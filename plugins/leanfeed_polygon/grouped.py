"""One day of the whole market: daily bars of every ticker in one answer.

Polygon calls it grouped daily. There is no pagination: 10,000 to 12,500 rows are one body of up to
3 MB. A row is stamped 16:00 New York, the *end* of its day, where the aggregates of one ticker are
stamped midnight (https://github.com/polygon-io/issues/issues/250).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
from attrs import evolve, frozen

from leanfeed.errors import ContractError
from leanfeed.values import Session
from leanfeed_polygon.answers import Answer, defects
from leanfeed_polygon.envelope import Envelope, broken, opened
from leanfeed_polygon.refusals import Quote
from leanfeed_polygon.rows import Aggregate, columns

if TYPE_CHECKING:
    from leanfeed_polygon.client import Client

__all__ = ["MarketQuestion", "ask_market", "read_market"]


class _Row(msgspec.Struct, gc=False):
    """A row of some ticker: only those asked for are looked at more closely."""

    T: str
    t: Any = None
    o: Any = None
    h: Any = None
    l: Any = None  # noqa: E741  the provider's name
    c: Any = None
    v: Any = None


class _Body(Envelope):
    results: list[_Row] | None = None


@frozen
class MarketQuestion:
    """All daily bars of one session."""

    session: Session
    #: Rows of other tickers are skipped. In Polygon's spelling; case matters.
    tickers: frozenset[str]

    @property
    def sessions(self) -> tuple[Session, ...]:
        """What it asks about."""
        return (self.session,)

    def narrowed(self, sessions: tuple[Session, ...]) -> MarketQuestion:
        """Itself: one session cannot be narrowed."""
        assert sessions == self.sessions
        return self

    def probe(self, session: Session) -> MarketQuestion:
        """The same question about another session."""
        return evolve(self, session=session)

    def __str__(self) -> str:
        return f"the market on {self.session}"


def ask_market(client: Client, question: MarketQuestion) -> Answer:
    """Ask for one day of the whole market.

    Raises:
        SourceError: see :meth:`Client.get` and :func:`read_market`.
    """
    target = (
        f"/v2/aggs/grouped/locale/us/market/stocks/{question.session.date}"
        "?adjusted=false&include_otc=true"
    )
    return client.get(target, partial(read_market, question=question, quote=client.quote))


_decoder = msgspec.json.Decoder(_Body)


def read_market(body: bytes, question: MarketQuestion, *, quote: Quote) -> Answer:
    """Read a day and check the rows of the tickers asked for: a bad one costs its ticker only.

    A row whose volume is 0 carries the last close on; nobody traded.

    Raises:
        SourceError: see :func:`~leanfeed_polygon.envelope.opened`.
        ContractError: it has no row of that day. A whole market always trades, so the day is not
            there yet.
    """
    answer = opened(body, _decoder, about=str(question), quote=quote)
    rows = answer.results or []
    start, end = question.session.day
    if answer.next_url:
        raise broken(str(question), "it goes on on another page")
    if not any(isinstance(row.t, int) and start <= row.t < end for row in rows):
        raise ContractError(
            f"Polygon has no bars of {question}, of no ticker at all: they may not be there yet. "
            "Run again later."
        )
    faults: dict[str, ContractError] = {}

    def reject(ticker: str, reason: str) -> None:
        faults.setdefault(ticker, broken(f"{ticker} on {question.session}", reason))

    found: dict[str, _Row] = {}
    for row in rows:
        if row.T in question.tickers and found.setdefault(row.T, row) != row:
            reject(row.T, "it has two bars that differ")
    typed: dict[str, Aggregate] = {}
    for ticker, row in found.items():
        try:
            typed[ticker] = msgspec.convert(row, Aggregate, from_attributes=True)
        except msgspec.ValidationError as error:
            reject(ticker, f"it has another shape: {quote(error)}")
    tickers, bars = list(typed), columns(list(typed.values()))
    for reason, wrong in defects(bars, start, end):
        for position in np.flatnonzero(wrong):
            reject(tickers[position], f"the bar {reason}")
    bars_by_ticker = {
        ticker: bars.rows(slice(position, position + 1))
        for position, ticker in enumerate(tickers)
        if bars.volume[position] > 0 and ticker not in faults
    }
    request_id = quote(answer.request_id or "")
    return Answer(frozenset(question.sessions), bars_by_ticker, request_id, faults)
