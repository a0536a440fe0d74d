"""Progress on a terminal: a bar for each resolution, and below them who is asked and how fast."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from leanfeed.events import Event
from leanfeed.tally import Tally

__all__ = ["LiveProgress"]


class LiveProgress:
    """Listens to a run and shows it on standard error, while the ``with`` block lasts.

    What a user should know afterwards stays above the bars; the bars are gone at the end.
    """

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False)
        self._tally = Tally()
        self._live = Live(
            get_renderable=self._shown,
            console=self._console,
            refresh_per_second=4,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._live.stop()

    def __call__(self, event: Event) -> None:
        """Show one event: soon, with those that follow it."""
        self._tally(event)
        while self._tally.notices:
            self._console.print(Text(self._tally.notices.pop(0)))

    def _shown(self) -> RenderableType:
        tally = self._tally
        if not tally.total:
            return Text("")
        bars = Table.grid(padding=(0, 1))
        bars.add_column(no_wrap=True)
        bars.add_column(ratio=1, min_width=4, max_width=40)
        bars.add_column(no_wrap=True, justify="right")
        for resolution, total in tally.total.items():
            done = tally.done[resolution]
            bar = ProgressBar(total=total, completed=done, finished_style="bar.complete")
            bars.add_row(Text(resolution), bar, Text(f"{done}/{total} sessions"))
        lines = [tally.pace, tally.waiting or tally.said]
        texts = [Text(line, no_wrap=True, overflow="ellipsis") for line in lines if line]
        return Group(bars, *texts)
