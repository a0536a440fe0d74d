"""What runs in the container: LEAN's DownloaderDataProvider with its Polygon module.

It takes dates for midnights of UTC, stores whatever the provider has between them, replaces the
files of minutes and seconds whole, and says that it completed whatever became of the files.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import shlex
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Self

from attrs import define, field, frozen

from leanfeed.lean.market_hours import market_hours
from leanfeed.values import Resolution, Series, Symbol
from tests.lean_cli.real.containers import Container
from tests.lean_cli.real.lean_writer import store
from tests.lean_cli.real.market import traded

__all__ = ["STRANGER", "Downloader", "Order", "Outcome"]

#: Who owns the files that a container writes, where the tests may give files away.
STRANGER = 65_534

_LAUNCHER = "QuantConnect.DownloaderDataProvider.Launcher.dll"
_FOLDER = "/Lean/DownloaderDataProvider/bin/Debug"
_HOURS = "market-hours/market-hours-database.json"
_ABORTED = 134


class Outcome(StrEnum):
    """What becomes of one ticker."""

    WRITTEN = "written"
    #: The provider has nothing in the window, and LEAN says so.
    NO_DATA = "no data"
    #: The provider has nothing in the window, and LEAN says that it completed.
    NOTHING = "nothing"
    #: The module does not serve such a request.
    UNSUPPORTED = "unsupported"
    #: Two answers of HTTP 429, then all is well.
    THROTTLED = "throttled"
    #: The last page fails: nothing is written, and no further ticker is tried.
    CRASH = "crash"
    #: The provider never answers.
    HANG = "hang"
    #: The disk is full: the file is cut and nobody minds.
    TORN = "torn"
    #: All is well, but the log shows the key.
    INDISCREET = "indiscreet"


@frozen
class Order:
    """What one container was asked for. Both dates are midnights of UTC."""

    tickers: tuple[str, ...]
    resolution: Resolution
    start: dt.date
    end: dt.date

    @classmethod
    def read(cls, script: str) -> Self | None:
        """The order in a container's start script; None when it starts something else."""
        command = next((line for line in script.splitlines() if _LAUNCHER in line), None)
        if command is None:
            return None
        words = shlex.split(command.partition(_LAUNCHER)[2])
        options = dict(zip(words[::2], words[1::2], strict=True))
        return cls(
            tuple(options["--tickers"].split(",")),
            Resolution(options["--resolution"].lower()),
            dt.date.fromisoformat(options["--start-date"]),
            dt.date.fromisoformat(options["--end-date"]),
        )

    @property
    def window(self) -> tuple[int, int]:
        """UTC epoch milliseconds; a bar at the end still comes."""
        midnights = (dt.datetime.combine(day, dt.time(), dt.UTC) for day in (self.start, self.end))
        start, end = (int(midnight.timestamp() * 1_000) for midnight in midnights)
        return start, end + 1


@define
class Downloader:
    """A program for :class:`~tests.lean_cli.real.docker_engine.DockerEngine`."""

    #: The key that the provider accepts.
    key: str
    #: By ticker; all others are written.
    outcomes: Mapping[str, Outcome] = field(factory=dict)
    #: What every container was asked for, in order.
    orders: list[Order] = field(factory=list)

    def __call__(self, container: Container) -> int:
        """The exit code."""
        order = Order.read(container.host_path("/lean-cli-start.sh").read_text())
        if order is None:
            return 0
        self.orders.append(order)
        folder = container.host_path("/Lean/Data")
        config = json.loads(container.host_path(f"{_FOLDER}/config.json").read_text())
        if config["polygon-api-key"] != self.key:
            return _aborted(container, "v3/reference/exchanges", "Forbidden")
        if not (folder / _HOURS).is_file():
            container.say(f"Unhandled exception. System.IO.FileNotFoundException: {_HOURS}")
            return _ABORTED
        for count, ticker in enumerate(order.tickers, start=1):
            _trace(container, f"DownloaderDataProvider.Main(): Starting download Symbol: {ticker}")
            exit_code = self._download(container, order, ticker, folder)
            if exit_code:
                return exit_code
            _completed(container, order, count)
        _trace(container, "All downloads completed in 0.10 seconds.")
        return 0

    def _download(self, container: Container, order: Order, ticker: str, folder: Path) -> int:
        outcome = self.outcomes.get(ticker, Outcome.WRITTEN)
        match outcome:
            case Outcome.CRASH:
                return _aborted(container, f"v2/aggs/ticker/{ticker}", "InternalServerError")
            case Outcome.HANG:
                container.killed.wait()
            case Outcome.UNSUPPORTED:
                _trace(container, f"No data returned for {ticker}: does not support this request")
            case Outcome.NO_DATA:
                _trace(container, f"No data found for {ticker} between {order.start}-{order.end}")
            case Outcome.INDISCREET:
                _trace(container, f"GET https://api.polygon.io/v2/aggs?apiKey={self.key}")
            case Outcome.THROTTLED:
                for attempt in (1, 2):
                    _trace(container, _throttled(attempt))
        if outcome in _STORING:
            for path in _write(order, ticker, folder):
                if outcome is Outcome.TORN:
                    path.write_bytes(path.read_bytes()[:-30])
                if os.geteuid() == 0:
                    os.chown(path, STRANGER, STRANGER)
        return 0


_STORING = (Outcome.WRITTEN, Outcome.INDISCREET, Outcome.THROTTLED, Outcome.TORN)


def _write(order: Order, ticker: str, folder: Path) -> list[Path]:
    """Store what traded in the window, a session's evening or morning as well."""
    series = Series(Symbol(ticker), order.resolution)
    sessions = market_hours(series.symbol).sessions(order.start - dt.timedelta(days=1), order.end)
    paths = []
    for session in sessions:
        bars = traded(ticker, order.resolution, session).between(*order.window)
        if len(bars):
            paths.append(store(series, session, bars, folder))
    return paths


def _trace(container: Container, text: str) -> None:
    container.say(f"20240110 12:00:00.000 TRACE:: {text}")


def _completed(container: Container, order: Order, count: int) -> None:
    run, total = "DownloaderDataProvider.RunDownload()", len(order.tickers)
    ticker, resolution = order.tickers[count - 1], order.resolution.capitalize()
    _trace(container, f"{run}: {count / total:.2%} complete ({count} out of {total} symbols)")
    _trace(
        container,
        f"{run}: Download completed for {ticker} at {resolution} resolution, "
        f"covering the period from {order.start} to {order.end}.",
    )


def _throttled(attempt: int) -> str:
    return (
        f"PolygonRestApi.DownloadAndParseData(): Attempt {attempt} was throttled due to too many "
        f"requests. Waiting {10 * (attempt - 1)} seconds before retrying..."
    )


def _aborted(container: Container, page: str, status: str) -> int:
    url = f"https://api.polygon.io/{page}?limit=5000"
    _trace(container, f"Failed after 10 attempts for {url}. Last response: {status}")
    container.say(
        "Unhandled exception. System.Exception: PolygonRestApiClient.DownloadAndParseData: "
        f"Failed to download data for {url} after 10 attempts."
    )
    return _ABORTED
