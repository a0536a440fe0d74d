"""A backtest service in small: it makes the data ready with leanfeed, then starts LEAN.

Run it, `python backtest_service.py`: it plays five mornings of such a service in temporary
folders, offline, with the recording that comes with leanfeed in the place of a provider.
"""

from __future__ import annotations

import logging
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from attrs import define, field, frozen

from leanfeed import (
    CancelledError,
    DataSource,
    Delivery,
    Gap,
    LeanfeedError,
    Report,
    Series,
    UnavailableError,
)
from leanfeed.backtest import DataNotReadyError, Progress, prepare


@frozen
class Backtest:
    """What a user has asked for."""

    symbols: tuple[str, ...]
    resolution: str
    start: str
    end: str
    #: Sessions that the indicators need before the start.
    warmup: int = 0


@frozen
class Shown:
    """What the user sees of a backtest."""

    state: str
    text: str = ""
    fraction: float = 0.0


@define
class BacktestManager:
    """Runs backtests, one call each; make one manager for the whole service."""

    data_folder: Path
    #: Starts LEAN, such as `lean backtest` in a process of its own.
    launch: Callable[[Backtest], None]
    #: Tells the user interface.
    show: Callable[[Shown], None]
    #: None in earnest: then the configuration and the operators' switches decide.
    sources: Sequence[str | DataSource] | None = None
    logger: logging.Logger = field(factory=lambda: logging.getLogger("backtest"))

    def run(self, backtest: Backtest, cancel: threading.Event) -> Report | None:
        """Make the data ready and start LEAN; or show why not, and start nothing."""
        try:
            report = prepare(
                backtest.symbols,
                backtest.resolution,
                start=backtest.start,
                end=backtest.end,
                warmup=backtest.warmup,
                data_folder=self.data_folder,
                sources=self.sources,
                progress=self._show_progress,
                cancel=cancel,
                backtest_logger=self.logger,
            )
        except DataNotReadyError as error:
            self.show(Shown("data missing", str(error)))
        except CancelledError as error:
            self.show(Shown("cancelled", str(error)))
        except LeanfeedError as error:  # a wrong question, wrong settings, a full disk
            self.show(Shown("failed", str(error)))
        else:
            given = ", ".join(f"{count} from {who}" for who, count in report.by_source.items())
            self.show(Shown("running", given or "all data was there", 1.0))
            self.launch(backtest)
            return report
        return None

    def _show_progress(self, progress: Progress) -> None:
        self.show(Shown("loading data", progress.text, progress.fraction))


@frozen
class Down:
    """Stands for a provider that cannot be reached."""

    def supports(self, series: Series) -> bool:
        """It would have everything."""
        return True

    def fetch(self, gaps: Sequence[Gap]) -> Iterator[Delivery]:
        """Fail, as sources do when their own retries are used up."""
        raise UnavailableError("The provider cannot be reached: look at its status page.")
        yield


def play(log: logging.Logger, root: Path) -> None:
    """Five mornings: success, all there, an outage with a fallback and without, a cancellation."""
    week = Backtest(("DEMO",), "minute", "2024-11-27", "2024-11-29", warmup=2)
    cancel = threading.Event()

    def show(shown: Shown) -> None:
        log.info("  [%3.0f %%] %s: %s", 100 * shown.fraction, shown.state, shown.text)

    def show_and_cancel(shown: Shown) -> None:
        show(shown)
        if shown.state == "loading data":
            cancel.set()

    def launch(backtest: Backtest) -> None:
        log.info("  LEAN starts: %s, %s", ", ".join(backtest.symbols), backtest.resolution)

    def morning(
        title: str,
        folder: str,
        sources: Sequence[str | DataSource],
        show: Callable[[Shown], None] = show,
    ) -> None:
        log.info("\n%s", title)
        BacktestManager(root / folder, launch, show, sources, log).run(week, cancel)

    morning("A fresh folder", "first", ["replay"])
    morning("All is there, and the provider is down", "first", [Down()])
    morning("The provider is down, and there is a fallback", "second", [Down(), "replay"])
    morning("The provider is down, and there is none", "third", [Down()])
    morning("The user cancels", "third", ["replay"], show_and_cancel)


if __name__ == "__main__":
    logging.basicConfig(format="%(message)s", level=logging.INFO, stream=sys.stdout)
    logging.getLogger("leanfeed").propagate = False  # the service logs by its own logger
    with tempfile.TemporaryDirectory() as temporary:
        play(logging.getLogger("service"), Path(temporary))
