"""Every bundled source keeps every rule of the kit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from leanfeed import Bars, Gap, Series, Session
from leanfeed.lean.consolidate import daily, hourly
from leanfeed.recording.about import About
from leanfeed.recording.folder import Recording
from leanfeed.recording.text import Head, Recorded
from leanfeed.testing import SourceConformance, gap, sessions_of
from leanfeed_polygon.source import PolygonSource
from leanfeed_replay.source import ReplaySource
from tests.lean_cli.fakes import KEY, FakeLean
from tests.polygon_server import PolygonServer, Reply, error, synthetic

WEEK = sessions_of("SPY", "2024-03-07", "2024-03-13")
MARKET = {
    (ticker, "minute"): synthetic(WEEK, density=0.05, seed=n)
    for n, ticker in enumerate(("SPY", "QQQ"))
} | {("SPY", "day"): synthetic(WEEK, "day")}


class TestPolygon(SourceConformance):
    """The source `polygon` and a server on loopback, with pages that cut sessions."""

    examples = 8

    @pytest.fixture(autouse=True)
    def server(self) -> Iterator[None]:
        with PolygonServer(MARKET, page_limit=2000) as self.honest:
            yield

    def of(self, server: PolygonServer, **settings: Any) -> PolygonSource:
        defaults = {"api_key": server.key, "base_url": server.url, "retry_pause": 0, "retries": 0}
        return PolygonSource(**{**defaults, **settings})

    def source(self) -> PolygonSource:
        return self.of(self.honest)

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
            return MARKET[name, "day"].between(*session.day)
        minutes = MARKET[name, "minute"].between(*session.extended)
        return minutes if series.resolution == "minute" else hourly(minutes, session)

    def gaps_without_trades(self) -> Sequence[Gap]:
        return [gap("THIN", "minute", "2024-03-07", "2024-03-08")]

    def failing_sources(self) -> Iterator[PolygonSource]:
        for status in (401, 403, 429, 500):
            with PolygonServer(MARKET, faults=[lambda _, __, s=status: error(s)]) as server:
                yield self.of(server)
        yield PolygonSource(api_key="", base_url="http://127.0.0.1:9")
        yield self.of(server)  # which has closed

    def malformed_sources(self) -> Iterator[PolygonSource]:
        for body in (b"", b"<html>", b'{"status":"OK"', b"[]", b'{"results":[{"t":1}]}'):
            with PolygonServer(MARKET, faults=[lambda _, __, b=body: Reply(body=b)]) as server:
                yield self.of(server)

    def malformed_later_sources(self) -> Iterator[PolygonSource]:
        def later(seen: Any, honest: Reply) -> Reply:
            return honest if seen.number < 1 else Reply(body=honest.body[:-20])

        with PolygonServer(MARKET, faults=[later], page_limit=500) as server:
            yield self.of(server, in_flight=1)

    def hanging_sources(self) -> Iterator[PolygonSource]:
        with PolygonServer(MARKET, latency=3) as server:
            yield self.of(server)

    def secrets(self) -> Sequence[str]:
        return [self.honest.key]


class TestReplay(SourceConformance):
    """The source `replay` and a recording made for it."""

    @pytest.fixture(autouse=True)
    def recording(self, tmp_path: Path) -> None:
        self.folder = tmp_path / "recording"
        self.record(self.folder)

    def record(self, folder: Path, **of_all: Any) -> None:
        about = About(title="A test", made_by="a test", synthetic=True)
        recording = Recording.create(folder, about)
        for one in (*self.gaps(), *self.gaps_without_trades()):
            for session in one.sessions:
                bars = self.bars(one.series, session)
                recorded = Recorded(Head(session.date, "polygon", "r-1", **of_all), bars)
                recording.write(one.series, [recorded])

    def source(self) -> ReplaySource:
        return ReplaySource(folder=self.folder)

    def gaps(self) -> Sequence[Gap]:
        return [
            gap("SPY", "minute", "2024-03-07", "2024-03-13"),
            gap("QQQ", "daily", "2024-03-08", "2024-03-11"),
        ]

    def bars(self, series: Series, session: Session) -> Bars:
        minutes = MARKET.get((str(series.symbol), "minute"), Bars.empty())
        found = minutes.between(*session.extended)
        return daily(found, session) if series.resolution == "daily" else found

    def gaps_without_trades(self) -> Sequence[Gap]:
        return [gap("THIN", "minute", "2024-03-07", "2024-03-08")]

    def unknown_gaps(self) -> Sequence[Gap]:
        return [gap("NEW", "minute", "2024-03-07"), gap("SPY", "minute", "2024-04-01")]

    def failing_sources(self) -> Iterator[ReplaySource]:
        yield ReplaySource(folder=self.folder / "not-there")

    def malformed_sources(self) -> Iterator[ReplaySource]:
        spy, *_ = sorted(self.folder.rglob("*.csv"))
        for text in ("", "time,open\n", spy.read_text("utf-8")[:-5]):
            spy.write_text(text, "utf-8")
            yield ReplaySource(folder=self.folder)

    def malformed_later_sources(self) -> Iterator[ReplaySource]:
        *_, last = sorted(self.folder.rglob("spy/*.csv"))
        last.write_text(last.read_text("utf-8") + "2024", "utf-8")
        yield ReplaySource(folder=self.folder)


@pytest.mark.slow
class TestLeanCli(SourceConformance):
    """The source `lean-cli` and a stand-in for the Lean CLI."""

    examples = 3
    patience = 8.0

    @pytest.fixture(autouse=True)
    def install(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/no-docker.sock")
        self.fake = FakeLean(tmp_path / "fake")
        self.fake.install()

    def source(self) -> Any:
        self.fake.play()
        return self.fake.source()

    def gaps(self) -> Sequence[Gap]:
        return [gap("AAPL", "minute", "2024-01-03", "2024-01-05")]

    def failing_sources(self) -> Iterator[Any]:
        for outcome in ("not logged in", "no docker", "no module", "no network"):
            self.fake.play(outcome=outcome)
            yield self.fake.source()

    def malformed_sources(self) -> Iterator[Any]:
        yield from self.cut("20240103")

    def malformed_later_sources(self) -> Iterator[Any]:
        yield from self.cut("20240105")

    def cut(self, day: str) -> Iterator[Any]:
        path = f"equity/usa/minute/aapl/{day}_trade.zip"
        self.fake.play(tickers={"AAPL": "cut"}, spoiled=path)
        yield self.fake.source()

    def hanging_sources(self) -> Iterator[Any]:
        self.fake.play(outcome="hang")
        yield self.fake.source()

    def secrets(self) -> Sequence[str]:
        return [KEY]
