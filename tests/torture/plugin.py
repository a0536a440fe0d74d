"""A plugin as a stranger would write it: one source knows every bar, another misbehaves."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from attrs import evolve, frozen

from leanfeed import Bars, Delivery, Gap, Secret, Series, Session, hookimpl, on_stop
from leanfeed.interfaces import setting
from tests import build

__all__ = ["KEY", "Misbehaving", "Truthful", "leanfeed_data_sources", "truth"]

#: What must appear nowhere.
KEY = "sk-torture-0123456789abcdef"


@lru_cache(maxsize=1000)
def truth(series: Series, session: Session) -> Bars:
    """The only right bars of a session."""
    price = 100 + zlib.crc32(f"{series} {session}".encode()) % 900
    count = 6 if series.resolution == "hour" else 30
    bars = build.bars(session, series.resolution, count=count, price=float(price))
    time, *columns = bars.columns
    return Bars(time, *(np.round(column, 2) for column in columns))


@frozen
class Truthful:
    """Delivers the truth, and writes down for what it was asked."""

    pause: float = setting(default=0.0, converter=float, help="Seconds before each session.")
    notes: str = setting(default="", help="A file to which each session is added.")

    def supports(self, series: Series) -> bool:
        return True

    def fetch(self, gaps: Sequence[Gap]) -> Iterator[Delivery]:
        stopped = threading.Event()
        with on_stop(stopped.set):
            for gap in gaps:
                for session in gap.sessions:
                    if stopped.wait(self.pause):
                        return
                    self.note(f"{gap.series} {session}")
                    yield Delivery(gap.series, session, truth(gap.series, session))

    def note(self, line: str) -> None:
        if self.notes:
            with Path(self.notes).open("a", encoding="utf-8") as file:
                file.write(f"{line}\n")


@frozen
class Misbehaving:
    """Does what `how` says, with a key that it gives away where it can."""

    how: str = setting(default="", help="What it does.")
    api_key: Secret = setting(default=None, secret=True, help="A key.")

    def supports(self, series: Series) -> bool:
        if self.how == "sleeps in supports":
            time.sleep(3600)
        if self.how == "raises in supports":
            raise RuntimeError("out of order")
        return True

    def fetch(self, gaps: Sequence[Gap]) -> Iterator[Any]:
        match self.how:
            case "raises":
                raise ValueError(f"out of order {self.api_key.reveal()}")
            case "exits":
                sys.exit(77)
            case "hangs":
                time.sleep(3600)
            case "prints":
                print("noise" * 100)  # noqa: T201
            case "logs its key":
                logging.getLogger("leanfeed").debug("key %s", self.api_key.reveal())
            case "has a child":
                subprocess.run([sys.executable, "-c", "pass"], check=True)
            case "yields nonsense":
                yield from (None, 3, "bars")
            case "returns nonsense":
                yield from ({"SPY": []},)
        for gap in gaps:
            for session in gap.sessions:
                yield Delivery(gap.series, session, _bent(self.how, gap.series, session))


def _bent(how: str, series: Series, session: Session) -> Bars:
    bars = truth(series, session)
    match how:
        case "yields NaN":
            return evolve(bars, close=np.full(len(bars), np.nan))
        case "yields bars of another day":
            return evolve(bars, time=bars.time + 86_400_000)
        case "yields low above high":
            return evolve(bars, low=bars.high + 1)
        case _:
            return bars


@hookimpl
def leanfeed_data_sources() -> dict[str, Any]:
    if os.environ.get("TORTURE_BROKEN_PLUGIN"):
        raise RuntimeError("broken at the hook")
    return {"truthful": Truthful, "misbehaving": Misbehaving}
