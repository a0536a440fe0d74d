"""What the conformance kit has to know of a source, and how it asks it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from attrs import field, frozen

from leanfeed.bars import Bars, QuoteBars
from leanfeed.errors import SourceError
from leanfeed.interfaces import DataSource
from leanfeed.options import ChainBars
from leanfeed.testing.checking import needs
from leanfeed.values import Delivery, Gap, Series, Session

__all__ = ["Answer", "SourceQuestions", "answer", "content"]

#: The bars of sessions.
Content = dict[tuple[Series, Session], Bars | QuoteBars | ChainBars]


@frozen
class Answer:
    """Everything that a source yielded, and what it raised in the end."""

    #: What was yielded, of whatever type.
    items: list[object]
    error: Exception | None = field(default=None)

    @property
    def deliveries(self) -> list[Delivery]:
        """Those of the items that are deliveries."""
        return [item for item in self.items if isinstance(item, Delivery)]


def answer(source: DataSource, gaps: Sequence[Gap]) -> Answer:
    """Ask a source, and take all that comes."""
    items: list[object] = []
    try:
        for item in source.fetch(gaps):
            items.append(item)  # noqa: PERF402  kept when it raises later
    except Exception as error:  # a stranger's source may raise anything
        return Answer(items, error)
    return Answer(items)


def content(items: Iterable[object], gaps: Iterable[Gap]) -> Content:
    """What was delivered of the sessions in the gaps; of a session that came twice, the first."""
    found: Content = {}
    wanted = {(gap.series, session) for gap in gaps for session in gap.sessions}
    for item in items:
        if isinstance(item, Delivery) and (item.series, item.session) in wanted:
            found.setdefault((item.series, item.session), item.bars)
    return found


class SourceQuestions:
    """What only the author of a source can say. The first two methods are needed."""

    #: How many parts of the gaps S21 asks for.
    examples = 20
    #: Seconds that a source may take to end after the run was stopped.
    patience = 5.0

    def source(self) -> DataSource:
        """The source, made anew each time. Files and servers that it needs: in a fixture."""
        raise NotImplementedError("Override source(): it returns the source to be tested.")

    def gaps(self) -> Sequence[Gap]:
        """Sessions for which the provider has bars: best of several series, one of them with holes.

        :func:`leanfeed.testing.gap` makes one.
        """
        raise NotImplementedError("Override gaps(): it returns gaps that the source can fill.")

    def bars(self, series: Series, session: Session) -> Bars | QuoteBars | ChainBars:
        """What the provider has of one session of :meth:`gaps`, to the last bar."""
        needs(
            "bars(series, session)",
            "whether sessions are whole and bars stand at their own time, in the right time zone",
        )

    def gaps_without_trades(self) -> Sequence[Gap]:
        """Sessions of which the provider affirms that there was no trading."""
        needs(
            "gaps_without_trades()",
            "whether days without trades are told from days that are not known",
        )

    def unknown_gaps(self) -> Sequence[Gap]:
        """Sessions of which the provider knows nothing."""
        needs(
            "unknown_gaps()",
            "whether what the provider does not know is taken for a day without trades",
        )

    def failing_sources(self) -> Iterable[DataSource]:
        """Sources whose provider cannot be reached, is out of order, or refuses the key.

        Yield one after the other: a server that one needs may run in a ``with`` block around it.
        """
        needs("failing_sources()", "whether a provider that fails is taken for days without trades")

    def malformed_sources(self) -> Iterable[DataSource]:
        """Sources whose provider answers :meth:`gaps` with garbage. Yield one after the other."""
        needs("malformed_sources()", "whether a malformed answer is believed")

    def malformed_later_sources(self) -> Iterable[DataSource]:
        """Sources whose provider begins well and answers with garbage on a later page or file."""
        needs("malformed_later_sources()", "whether a malformed later page is believed")

    def hanging_sources(self) -> Iterable[DataSource]:
        """Sources whose provider takes a minute or more to answer."""
        needs("hanging_sources()", "whether a run that is stopped ends")

    def secrets(self) -> Iterable[str]:
        """The secrets with which the sources here were made: keys, passwords, tokens."""
        needs("secrets()", "whether a secret shows in a message or a log")

    def whole(self) -> Answer:
        """The answer to all of :meth:`gaps`."""
        return answer(self.source(), self.gaps())

    def must_raise(self, source: DataSource, *, what: str) -> None:
        """Ask a source that cannot answer as it should."""
        gaps = self.gaps()
        said = answer(source, gaps)
        assert said.error is not None, f"{what}, and fetch() ended as if all was well."
        assert isinstance(said.error, SourceError), (
            f"{what}, and fetch() raised {type(said.error).__name__}: raise leanfeed.SourceError "
            "or one of its kinds."
        )
        before = content(said.items, gaps)
        empty = [key for key, bars in before.items() if not len(bars)]
        assert not empty, f"{what}, and it affirmed before that there was no trading: {empty}."
        healthy = content(self.whole().items, gaps) if before else {}
        others = [key for key, bars in before.items() if bars != healthy.get(key)]
        assert not others, f"{what}, and it delivered before what is not whole: {others}."
