"""The source `flatfiles`, with files on this machine, keeps every rule of the kit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from leanfeed import Bars, Gap, Series, Session
from leanfeed.lean.consolidate import hourly
from leanfeed.testing import SourceConformance, gap, sessions_of
from leanfeed_flatfiles.source import FlatFilesSource
from tests.flatfiles.made_files import HEADER, write
from tests.polygon_server import synthetic

WEEK = sessions_of("SPY", "2024-03-07", "2024-03-13")
MINUTES = {t: synthetic(WEEK, density=0.05, seed=n) for n, t in enumerate(("QQQ", "SPY"))}
DAYS = {ticker: synthetic(WEEK, "day") for ticker in ("QQQ", "SPY")}


def rows(ticker: str, bars: Bars) -> list[str]:
    return [
        f"{ticker},{v:.15g},{o:.15g},{c:.15g},{h:.15g},{low:.15g},{t * 1_000_000},1"
        for t, o, h, low, c, v in zip(*(column.tolist() for column in bars.columns), strict=True)
    ]


def publish(folder: Path) -> None:
    for session in WEEK:
        for kind, market in (("minute", MINUTES), ("daily", DAYS)):
            lines = [r for t in market for r in rows(t, market[t].between(*session.day))]
            write(folder, lines, kind=f"stocks_{kind}", date=session.date)


class TestFlatFiles(SourceConformance):
    """Weeks around the change of the clock; Monday is the first one in summer time."""

    examples = 8

    @pytest.fixture(autouse=True)
    def bucket(self, tmp_path: Path) -> None:
        self.folder = tmp_path
        publish(tmp_path / "good")

    def source(self) -> FlatFilesSource:
        return FlatFilesSource(local_folder=self.folder / "good")

    def gaps(self) -> Sequence[Gap]:
        return [
            gap("SPY", "minute", "2024-03-07", "2024-03-13"),
            gap("QQQ", "minute", "2024-03-08", "2024-03-11"),
            gap("SPY", "daily", "2024-03-07", "2024-03-11"),
            gap("QQQ", "hour", "2024-03-12"),
        ]

    def bars(self, series: Series, session: Session) -> Bars:
        name = str(series.symbol)
        if series.resolution == "daily":
            return DAYS[name].between(*session.day)
        minutes = MINUTES[name].between(*session.extended)
        return minutes if series.resolution == "minute" else hourly(minutes, session)

    def gaps_without_trades(self) -> Sequence[Gap]:
        return [gap("THIN", "minute", "2024-03-07", "2024-03-08")]

    def unknown_gaps(self) -> Sequence[Gap]:
        return [gap("SPY", "minute", "2024-04-02"), gap("SPY", "daily", "2024-04-02")]

    def failing_sources(self) -> Iterator[FlatFilesSource]:
        yield FlatFilesSource(local_folder=self.folder / "nowhere")
        yield FlatFilesSource()

    def malformed_sources(self) -> Iterator[FlatFilesSource]:
        for number, content in enumerate(([], ["<html>"], ["SPY,1"], ["SPY,,,,,,,"])):
            folder = self.folder / f"bad{number}"
            for session in WEEK:
                for kind in ("stocks_minute", "stocks_daily"):
                    write(folder, content, kind=kind, date=session.date, header=HEADER)
            yield FlatFilesSource(local_folder=folder)

    def malformed_later_sources(self) -> Iterator[FlatFilesSource]:
        folder = self.folder / "later"
        publish(folder)
        path = write(folder, rows("SPY", MINUTES["SPY"]), date=WEEK[-1].date)
        path.write_bytes(path.read_bytes()[:-20])
        yield FlatFilesSource(local_folder=folder)
