"""One page on its way to files: what each stage is given."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from benchmarks.contestants.job import KEY
from benchmarks.jobs import SPANS
from benchmarks.market import sessions
from benchmarks.pages import Pages
from leanfeed.bars import Bars
from leanfeed.lean import lines, paths
from leanfeed.values import Resolution, Series, Session, Symbol, TickType
from leanfeed_polygon.answers import Question, read_page
from leanfeed_polygon.bodies import CHUNK, read_body
from leanfeed_polygon.pages import target
from leanfeed_polygon.refusals import Quote, quoting
from leanfeed_polygon.windows import Timespan, Window, windows

__all__ = ["Part", "Sample"]

#: A session and its bars.
Part = tuple[Session, Bars]


@frozen
class Sample:
    """A window of sessions, its page, and what the page becomes."""

    question: Question
    series: Series
    quote: Quote
    packed: bytes
    body: bytes
    bars: Bars

    @classmethod
    def of(cls, timespan: str) -> Sample:
        """Minutes: the first page that leanfeed asks for. Seconds: that of one session."""
        span, kind = SPANS[timespan], Timespan(timespan)
        days = tuple(sessions(span.start, span.end))
        first, *_ = windows(days, kind)
        window = Window(*days[0].extended, days[:1]) if kind is Timespan.SECOND else first
        question, quote = Question("S000", kind, window), quoting(KEY)
        answer = Pages(SPANS, "http://127.0.0.1").answer(target(question))
        packed = answer.partition(b"\r\n\r\n")[2]
        body = bytes(read_body([packed], encoding="gzip"))
        bars = read_page(body, question, quote=quote).bars
        series = Series(Symbol("S000"), Resolution(timespan), TickType.TRADE)
        return cls(question, series, quote, packed, body, bars)

    @property
    def chunks(self) -> Sequence[bytes]:
        """The page as it comes over the wire."""
        return [self.packed[i : i + CHUNK] for i in range(0, len(self.packed), CHUNK)]

    @property
    def sessions(self) -> Sequence[Session]:
        """Those of which the page holds all bars."""
        return [s for s in self.question.sessions if s.extended[1] <= self.question.window.end]

    def split(self) -> list[Part]:
        """The bars session by session."""
        return [(session, self.bars.between(*session.extended)) for session in self.sessions]

    def texts(self) -> list[tuple[str, bytes]]:
        """The entries of the files: name and content."""
        parts = self.split()
        texts = lines.format_sessions([(b, self.series, s.time_zone) for s, b in parts])
        names = [paths.entry_name(self.series, session.date) for session, _ in parts]
        return [*zip(names, texts, strict=True)]
