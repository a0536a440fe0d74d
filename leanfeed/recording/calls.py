"""A call: what a source was asked in one run, and what became of it.

    source = "polygon"
    recorded_at = "2024-12-02T18:00:05.120000Z"
    leanfeed = "0.1.0"
    request = "SPY --resolution minute --start 2024-11-25 --end 2024-11-29"
    asked = [
      "equity/usa/minute/spy_trade 2024-11-25..2024-11-29"
    ]
    answered = [
      "equity/usa/minute/spy_trade 2024-11-25..2024-11-26 6a7e466379af0a71"
    ]
    error = "RateLimitedError"
    message = "The provider allows 5 requests a minute. Wait, or raise the limit."

``answered`` is in the order of the deliveries, with the provider's request ids. What was asked and
not answered either failed, with ``error``, or the source did not know. Bars stand beside it, in the
files that :mod:`leanfeed.recording.text` describes.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterable, Iterator

import msgspec
from attrs import frozen

from leanfeed.recording.text import Failure
from leanfeed.values import Gap, Series, Session

__all__ = ["Call", "Span", "answered_lines", "asked_lines", "series_name", "spans"]

_LINE = re.compile(r"(\S+) (\d{4}-\d\d-\d\d)\.\.(\d{4}-\d\d-\d\d)(?: (.*))?")
_DIGITS = 12


class Call(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One source's turn in one run."""

    source: str
    #: All that differs when the same is recorded again.
    recorded_at: dt.datetime
    #: The version that recorded it.
    leanfeed: str
    #: What the run was asked for.
    request: str
    asked: tuple[str, ...] = ()
    #: Series that were wanted as well, and that the source does not support.
    unsupported: tuple[str, ...] = ()
    answered: tuple[str, ...] = ()
    #: What the source raised in the end, and what it said.
    error: Failure | None = None
    message: str | None = None

    @property
    def file_name(self) -> str:
        """Another one for another question, and the same for the same."""
        question = "\n".join((self.source, *self.asked, *self.unsupported)).encode()
        digest = hashlib.sha256(question).hexdigest()[:_DIGITS]
        return f"{re.sub(r'[^A-Za-z0-9]+', '-', self.source).lower()[:40]}-{digest}.toml"


@frozen
class Span:
    """Neighbouring sessions of one series, both dates inclusive."""

    series: str
    first: dt.date
    last: dt.date
    request_id: str = ""


def spans(lines: Iterable[str]) -> Iterator[Span]:
    """What lines of a call say.

    Raises:
        ValueError: a line is malformed.
    """
    for line in lines:
        match = _LINE.fullmatch(line)
        if match is None:
            raise ValueError(f"{line[:60]!r} is no series with its first and last session")
        series, first, last, request_id = match.groups()
        yield Span(
            series, dt.date.fromisoformat(first), dt.date.fromisoformat(last), request_id or ""
        )


def asked_lines(gaps: Iterable[Gap]) -> tuple[str, ...]:
    """What was asked, as lines."""
    return answered_lines((gap.series, session, "") for gap in gaps for session in gap.sessions)


def answered_lines(answers: Iterable[tuple[Series, Session, str]]) -> tuple[str, ...]:
    """Sessions in the order given; neighbours of one series and one request share a line."""
    runs: list[tuple[Series, Session, Session, str]] = []
    for series, session, request_id in answers:
        if runs:
            line, first, last, same = runs[-1]
            if (line, last.number + 1, same) == (series, session.number, request_id):
                runs[-1] = (line, first, session, same)
                continue
        runs.append((series, session, session, request_id))
    return tuple(
        f"{series_name(series)} {first}..{last} {request_id}".rstrip()
        for series, first, last, request_id in runs
    )


def series_name(series: Series) -> str:
    """The name of a series in a call: the path of its bars, as LEAN would have it."""
    symbol = series.symbol
    folder = f"{symbol.security_type}/{symbol.market}/{series.resolution}"
    return f"{folder}/{symbol.file_ticker}_{series.tick_type}"
