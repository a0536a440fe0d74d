"""One page of aggregates: from the body of an answer to bars that can be trusted."""

from __future__ import annotations

from operator import attrgetter
from typing import Annotated, Any

import msgspec
import numpy as np
import numpy.typing as npt
from attrs import frozen

from leanfeed.bars import Bars
from leanfeed.errors import ContractError, UnavailableError
from leanfeed_polygon.refusals import NotEntitledError, Quote
from leanfeed_polygon.windows import Timespan, Window

__all__ = ["Page", "Question", "read_page"]

# A whole number below 2**53, so that no stamp overflows int64.
_Stamp = Annotated[int, msgspec.Meta(ge=0, lt=2**53)]


class _Aggregate(msgspec.Struct, gc=False):
    """One row. Volume has been fractional since 2026, and prices may come as whole numbers."""

    t: _Stamp
    o: float
    h: float
    l: float  # noqa: E741  the provider's name
    c: float
    v: float


class _Body(msgspec.Struct, rename="camel"):
    status: str
    ticker: str = ""
    adjusted: bool = False
    results_count: int | None = None
    results: list[_Aggregate] | None = None
    next_url: str | None = msgspec.field(default=None, name="next_url")
    request_id: str | int | None = msgspec.field(default=None, name="request_id")
    error: str = ""
    message: str = ""


@frozen
class Question:
    """What was asked, which the answer has to match."""

    #: In Polygon's spelling.
    ticker: str
    timespan: Timespan
    window: Window


@frozen
class Page:
    """What was answered."""

    bars: Bars
    #: Where the provider says the next page is; empty on the last page.
    next_url: str
    request_id: str


_decoder = msgspec.json.Decoder(_Body)


def read_page(body: bytes | bytearray, question: Question, *, quote: Quote) -> Page:
    """Read a page and check all of it: one bad bar rejects the page.

    ``DELAYED`` is a success: it says that the newest bars lag, and those are never asked for. An
    answer without `results` says that nothing was traded only if it also says that it counts none.

    Raises:
        UnavailableError: this is no answer of the API, or it reports a failure of its own; another
            try may do better.
        NotEntitledError: the plan of the key does not include these data. Some endpoints say so
            with HTTP 200.
        ContractError: the answer is not what was asked, or cannot be true.
    """
    try:
        answer = _decoder.decode(body)
    except (msgspec.ValidationError, RecursionError) as error:
        raise _broken(question, f"it has another shape: {quote(error)}") from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise UnavailableError(
            "Polygon's answer is not JSON, or was cut short. Run again, and check what proxy "
            "stands between."
        ) from None
    request_id = quote(answer.request_id or "")
    _check_status(answer, question, quote(answer.error or answer.message), request_id)
    if answer.ticker != question.ticker:
        raise _broken(question, f"it is about {quote(answer.ticker) or 'no ticker'}")
    if answer.adjusted:
        raise _broken(question, "its prices are adjusted for splits, raw ones were asked for")
    rows = answer.results or []
    if answer.results_count != len(rows) and (answer.results_count is not None or not rows):
        raise _broken(question, f"it counts {answer.results_count} bars and holds {len(rows)}")
    bars = _columns(rows)
    _check_bars(bars, question)
    return Page(bars, answer.next_url or "", request_id)


def _check_status(answer: _Body, question: Question, words: str, request_id: str) -> None:
    if answer.status in ("OK", "DELAYED"):
        return
    said = f"{words or 'no reason'} (request id {request_id or 'none'})"
    if answer.status == "NOT_AUTHORIZED":
        raise NotEntitledError(
            f"Polygon's plan does not include this: {said}. Ask for what the plan of your key "
            "includes, or add another source."
        )
    if answer.status == "ERROR":
        raise UnavailableError(f"Polygon failed: {said}. Run again later.")
    raise _broken(question, f"its status is unknown: {said}")


def _broken(question: Question, reason: str) -> ContractError:
    return ContractError(
        f"Polygon's answer for {question.ticker} cannot be trusted: {reason}. Nothing of it is "
        "used; run again, and tell Polygon if it stays."
    )


def _columns(rows: list[_Aggregate]) -> Bars:
    def column(name: str) -> npt.NDArray[Any]:
        dtype = np.int64 if name == "t" else np.float64
        return np.fromiter(map(attrgetter(name), rows), dtype=dtype, count=len(rows))

    return Bars(*(column(name) for name in "tohlcv"))


def _check_bars(bars: Bars, question: Question) -> None:
    window, step = question.window, question.timespan.milliseconds
    off_grid = (bars.time - window.start) % step != 0
    if question.timespan is Timespan.DAY:
        off_grid[:] = False  # a day is stamped at midnight, or at 16:00 by other endpoints
    body_low = np.minimum(bars.open, bars.close)
    body_high = np.maximum(bars.open, bars.close)
    prices = np.stack((bars.open, bars.high, bars.low, bars.close))
    for reason, wrong in (
        ("does not come after the bar before it", np.diff(bars.time, prepend=-1) <= 0),
        ("lies outside the window", (bars.time < window.start) | (bars.time >= window.end)),
        (f"does not start on a {question.timespan}", off_grid),
        ("has a price that is no price", ~((prices > 0) & (prices < np.inf)).all(axis=0)),
        ("has a low above its open or close", bars.low > body_low),
        ("has a high below its open or close", bars.high < body_high),
        ("has a volume that is no volume", ~((bars.volume >= 0) & (bars.volume < np.inf))),
    ):
        if wrong.any():
            at = np.datetime64(int(bars.time[np.argmax(wrong)]), "ms")
            raise _broken(question, f"the bar of {at}Z {reason}")
