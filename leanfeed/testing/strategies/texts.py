"""The text inside LEAN's zips: right, and damaged in the ways that LEAN would misread."""

from __future__ import annotations

from collections.abc import Callable

from attrs import frozen
from hypothesis import strategies as st

from leanfeed.bars import Bars, QuoteBars
from leanfeed.lean.lines import format_bars
from leanfeed.testing.strategies.columns import session_bars
from leanfeed.testing.strategies.days import series
from leanfeed.values import Series, Session

__all__ = ["DAMAGES", "LeanText", "damaged_texts", "lean_texts"]


@frozen
class LeanText:
    """The content of one entry, and what it stands for."""

    series: Series
    session: Session
    #: What LEAN has to read there, or, of a damaged text, what it was before.
    bars: Bars | QuoteBars
    text: bytes
    #: What was done to it, one of :data:`DAMAGES`; empty when it is right.
    damage: str = ""


def _in_row(change: Callable[[bytes], bytes]) -> Callable[[list[bytes], int], list[bytes]]:
    def damage(rows: list[bytes], row: int) -> list[bytes]:
        return [*rows[:row], change(rows[row]), *rows[row + 1 :]]

    return damage


def _field(value: bytes) -> Callable[[bytes], bytes]:
    """With another third column, which is a price."""

    def change(row: bytes) -> bytes:
        first, second, _, *rest = row.split(b",")
        return b",".join((first, second, value, *rest))

    return change


#: What can be wrong with a text, so that LEAN reads other bars than are meant, without an error.
DAMAGES: dict[str, Callable[[list[bytes], int], list[bytes]]] = {
    "a header": lambda rows, _: [b"time,open,high,low,close,volume", *rows],
    "a blank line": lambda rows, row: [*rows[:row], b"", *rows[row:]],
    "a column too many": _in_row(lambda row: row + b",0"),
    "a column too few": _in_row(lambda row: row.rpartition(b",")[0]),
    "a comma at the end": _in_row(lambda row: row + b","),
    "a space at the end": _in_row(lambda row: row + b" "),
    "a space inside": _in_row(lambda row: row.replace(b",", b", ", 1)),
    "an exponent": _in_row(_field(b"1E-05")),
    "a plus sign": _in_row(_field(b"+7")),
    "not a number": _in_row(_field(b"NaN")),
    "a decimal comma": _in_row(_field(b"12,5")),
    "a decimal point without digits": _in_row(_field(b"12.")),
    "a thousands separator": _in_row(_field(b"1'000")),
    "more digits than 64 bits hold": _in_row(_field(b"1234567890123456789")),
    "an empty price": _in_row(_field(b"")),
    "a fraction in the time": _in_row(lambda row: row.replace(b",", b".0,", 1)),
    "a cut line": _in_row(lambda row: row[: row.index(b",") + 1]),
    "two line ends at the end": lambda rows, _: [*rows, b"", b""],
}


@st.composite
def lean_texts(
    draw: st.DrawFn, *, of: st.SearchStrategy[Series] | None = None, max_size: int = 20
) -> LeanText:
    """Texts that are as LEAN writes them, of one session with bars in it.

    Now and then with what LEAN tolerates: CRLF, a line end after the last line, a byte order mark.
    """
    one = draw(series() if of is None else of)
    session, bars = draw(session_bars(one, max_size=max_size).filter(lambda made: len(made[1])))
    text = format_bars(bars, one, session.time_zone)
    tolerated = draw(st.sampled_from(("", "", "", "CRLF", "line end", "BOM")))
    if tolerated == "CRLF":
        text = text.replace(b"\n", b"\r\n")
    elif tolerated == "line end":
        text += b"\n"
    elif tolerated == "BOM":
        text = b"\xef\xbb\xbf" + text
    return LeanText(one, session, bars, text)


@st.composite
def damaged_texts(
    draw: st.DrawFn,
    *,
    of: st.SearchStrategy[Series] | None = None,
    damages: tuple[str, ...] = tuple(DAMAGES),
) -> LeanText:
    """Texts that LEAN would misread: a reader has to refuse each of them.

    Args:
        draw: given by Hypothesis.
        of: the series, US equity trades when left out.
        damages: names in :data:`DAMAGES`; all when left out.
    """
    one = draw(series() if of is None else of)
    session, bars = draw(session_bars(one, max_size=6).filter(lambda made: len(made[1])))
    rows = format_bars(bars, one, session.time_zone).split(b"\n")
    damage = draw(st.sampled_from(damages))
    damaged = DAMAGES[damage](rows, draw(st.integers(0, len(rows) - 1)))
    return LeanText(one, session, bars, b"\n".join(damaged), damage)
