"""The rows of a page as columns: by the kernel where it is sure of all, else by msgspec."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import Annotated, Any

import msgspec
import numpy as np
import numpy.typing as npt

from leanfeed import kernel
from leanfeed.bars import Bars
from leanfeed_polygon.envelope import Envelope, check, opened
from leanfeed_polygon.refusals import Quote
from leanfeed_polygon.windows import PAGE_LIMIT

__all__ = ["Aggregate", "columns", "read_rows"]

# A whole number below 2**53, so that no stamp overflows int64.
_Stamp = Annotated[int, msgspec.Meta(ge=0, lt=2**53)]

_ROWS = b'"results":['
#: Stands for the rows in an answer from which they were taken.
_TAKEN = b"[0]"
#: What stands around the rows is smaller than this.
_LARGEST_FRAME = 4096


class Aggregate(msgspec.Struct, gc=False):
    """One row. Volume has been fractional since 2026, and prices may come as whole numbers."""

    t: _Stamp
    o: float
    h: float
    l: float  # noqa: E741  the provider's name
    c: float
    v: float


class Body(Envelope):
    """The answer about one ticker."""

    ticker: str = ""
    results: list[Aggregate] | None = None


class _Frame(Body):
    results: msgspec.Raw = msgspec.Raw(b"null")  # type: ignore[assignment]


_decoder = msgspec.json.Decoder(Body)
_frame_decoder = msgspec.json.Decoder(_Frame)


def read_rows(body: bytes, *, about: str, quote: Quote) -> tuple[Body, Bars]:
    """An answer about one ticker, and its rows.

    Raises:
        SourceError: see :func:`~leanfeed_polygon.envelope.opened`.
    """
    if taken := _taken(body):
        check(taken[0], len(taken[1]), about=about, quote=quote)
        return taken
    answer = opened(body, _decoder, about=about, quote=quote)
    return answer, columns(answer.results or [])


def _taken(body: bytes) -> tuple[Body, Bars] | None:
    """What :func:`read_rows` returns, not checked; None when there is any doubt.

    The rows are cut out, and what is left must be an answer whose `results`, and nothing else,
    are what was put in their place.
    """
    start = body.find(_ROWS) + len(_ROWS) - 1
    if start < len(_ROWS):
        return None
    table = kernel.read_rows(body, start, whole="t", others="ohlcv", most=PAGE_LIMIT)
    if table is None or len(body) - (table.end - start) > _LARGEST_FRAME:
        return None
    frame = bytes(body[:start] + _TAKEN + body[table.end :])
    try:
        answer = _frame_decoder.decode(frame)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    is_once = frame.count(_TAKEN) == frame.count(_ROWS[:-2]) == 1
    if not is_once or bytes(answer.results) != _TAKEN:
        return None
    return answer, Bars(*table.columns)


def columns(rows: Sequence[Aggregate]) -> Bars:
    """Rows as columns, in their order."""

    def column(name: str) -> npt.NDArray[Any]:
        dtype = np.int64 if name == "t" else np.float64
        return np.fromiter(map(attrgetter(name), rows), dtype=dtype, count=len(rows))

    return Bars(*(column(name) for name in "tohlcv"))
