"""What the conformance kit has to know of a writer, and how it asks it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from hypothesis import strategies as st

from leanfeed.bars import Bars, QuoteBars
from leanfeed.interfaces import LeanWriter
from leanfeed.options import ChainBars
from leanfeed.testing import strategies
from leanfeed.testing.asking import bars_of, sessions_of
from leanfeed.values import Delivery, Resolution, Series, Session, Symbol, TickType, Written

__all__ = ["Tree", "WriterQuestions", "anything", "delivery", "files"]

#: Files by their name, but for those that are leanfeed's own.
Tree = dict[str, bytes]


class WriterQuestions:
    """What only the author of a writer can say. The first method is needed."""

    #: How many cases each property is checked with.
    examples = 50
    #: The files are LEAN's own. Another layout says False, and overrides :meth:`read`.
    writes_lean_files = True

    def writer(self) -> LeanWriter:
        """The writer, made anew each time."""
        raise NotImplementedError("Override writer(): it returns the writer to be tested.")

    def series(self) -> Sequence[Series]:
        """What is written: US equities, of them one series at minute, one at daily resolution."""
        symbol = Symbol("SPY")
        minute_quotes = Series(symbol, Resolution.MINUTE, TickType.QUOTE)
        return (*(Series(symbol, resolution) for resolution in Resolution), minute_quotes)

    def read(self, data_folder: Path, series: Series) -> Bars | QuoteBars | ChainBars:
        """All bars of a series that are on disk, ascending: LEAN's own files, unless overridden."""
        from leanfeed.lean.reader import read_series

        return read_series(data_folder, series)

    def read_session(
        self, data_folder: Path, series: Series, session: Session
    ) -> Bars | QuoteBars | ChainBars:
        """The bars of one session that are on disk."""
        return self.read(data_folder, series).between(*session.day)

    def write(self, data_folder: Path, deliveries: Iterable[Delivery]) -> list[Written]:
        """Write with a new writer, and collect what it confirms."""
        return list(self.writer().write(deliveries, data_folder))

    @contextmanager
    def folder(self) -> Iterator[Path]:
        """An empty data folder."""
        with tempfile.TemporaryDirectory() as temporary:
            data_folder = Path(temporary, "data")
            data_folder.mkdir()
            yield data_folder

    @contextmanager
    def copy_of(self, data_folder: Path) -> Iterator[Path]:
        """The same folder once more."""
        with tempfile.TemporaryDirectory() as temporary:
            copy = Path(temporary, "data")
            shutil.copytree(data_folder, copy)
            yield copy

    def of_each_kind(self) -> list[Series]:
        """A series whose sessions have a file each, and one whose sessions share a file."""
        trades = [one for one in self.series() if one.tick_type is TickType.TRADE]
        kinds = {one.resolution.is_file_per_session: one for one in trades}
        return list(kinds.values())

    def sessions(self) -> tuple[Session, ...]:
        """Six sessions around a change of the clocks."""
        return sessions_of("SPY", "2024-03-06", "2024-03-13")


def delivery(series: Series, session: Session, *, seed: int = 0, count: int = 30) -> Delivery:
    """Plausible bars of a session; none when `count` is 0."""
    bars = bars_of(series, session, seed=seed, count=count) if count else Bars.empty()
    return Delivery(series, session, bars, request_id=f"r-{seed}", source="kit")


@st.composite
def anything(draw: st.DrawFn, known: Sequence[Series]) -> list[Delivery]:
    """Deliveries of one series as :mod:`leanfeed.testing.strategies` makes them, oldest first."""
    series = draw(st.sampled_from(known))
    days = draw(strategies.us_sessions(max_size=3))
    bars: Bars | QuoteBars
    found = []
    for day in days:
        if series.tick_type is TickType.QUOTE:
            bars = draw(strategies.quote_bars(day, series.resolution, max_size=6))
        else:
            bars = draw(strategies.bars(day, series.resolution, max_size=6))
        found.append(Delivery(series, day, bars, request_id="r-1", source="kit"))
    return found


def files(data_folder: Path) -> Tree:
    """Every file of the folder, but leanfeed's own."""
    return {
        path.relative_to(data_folder).as_posix(): path.read_bytes()
        for path in sorted(data_folder.rglob("*"))
        if path.is_file() and ".leanfeed" not in path.relative_to(data_folder).parts
    }
