"""A data folder that a test fills, forgets and plans."""

from __future__ import annotations

import datetime as dt
import os
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from attrs import frozen

from leanfeed import Delivery, Request, Resolution, Series, SeriesPlan, Session, Symbol, Written
from leanfeed.default_plugins.calendar_planner import CalendarPlanner
from leanfeed.default_plugins.zip_writer import ZipWriter
from leanfeed.ledger import Entry, Ledger
from leanfeed.stamps import Stamp
from leanfeed.values import Hours
from tests import build

__all__ = ["NOW", "Folder", "texts"]

#: Long after every session of these tests.
NOW = dt.datetime(2024, 6, 1, tzinfo=dt.UTC)


def texts(sessions: Iterable[Session]) -> list[str]:
    return [str(session) for session in sessions]


@frozen
class Folder:
    """One series of SPY in a data folder."""

    path: Path
    resolution: str = "minute"
    start: str = "2024-01-02"
    end: str = "2024-01-12"

    @property
    def series(self) -> Series:
        return build.series("SPY", self.resolution)

    @property
    def sessions(self) -> tuple[Session, ...]:
        return build.sessions(self.start, self.end)

    def store(
        self,
        *days: str,
        bars: int = 5,
        price: float = 100.0,
        at: dt.datetime = NOW,
        hours: Hours = Hours.EXTENDED,
    ) -> None:
        """Write sessions, those of the window unless told, and record that."""
        wanted = [s for s in self.sessions if not days or str(s) in days]
        deliveries = [
            Delivery(
                self.series,
                session,
                build.bars(session, self.resolution, count=bars, price=price),
                source="memory",
            )
            for session in wanted
        ]
        written = list(ZipWriter().write(deliveries, self.path))
        with Ledger(self.path) as ledger:
            for one in written:
                ledger.record(one, hours=hours, at=at)

    def affirm_empty(self, *days: str, at: dt.datetime = NOW) -> None:
        """Record that a source affirmed that there was no trading."""
        with Ledger(self.path) as ledger:
            for session in self.sessions:
                if str(session) in days:
                    empty = Written(self.series, session, "memory")
                    ledger.record(empty, hours=Hours.EXTENDED, at=at)

    def plan(self, *, at: dt.datetime = NOW, **more: object) -> SeriesPlan:
        request = Request(
            symbols=(Symbol("SPY"),),
            resolutions=(Resolution(self.resolution),),
            start=dt.date.fromisoformat(self.start),
            end=dt.date.fromisoformat(self.end),
            asked_at=at,
            **more,  # type: ignore[arg-type]
        )
        (planned,) = CalendarPlanner().plan(request, self.path).series
        return planned

    def adopt(self, planned: SeriesPlan) -> None:
        """What a run does after planning."""
        with Ledger(self.path) as ledger:
            ledger.adopt(planned.series, planned.verified)

    def entries(self) -> dict[str, Entry]:
        with Ledger(self.path) as ledger:
            return {str(date): entry for date, entry in ledger.entries(self.series).items()}

    def forget(self) -> None:
        """Delete the ledger."""
        Ledger(self.path).path.unlink()

    def file(self, day: str) -> Path:
        """The zip that holds a session."""
        folder = self.path / "equity" / "usa" / self.resolution
        if self.series.resolution.is_file_per_session:
            return folder / "spy" / f"{day.replace('-', '')}_trade.zip"
        return folder / "spy.zip"

    def rot(self, day: str, data: bytes) -> None:
        """Change a file as a disk does that loses bits: the system knows nothing of it."""
        file = self.file(day)
        before = file.stat()
        assert len(data) == before.st_size
        file.write_bytes(data)
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
        times = (Stamp.of(file.stat()).changed_ns, Stamp.of(before).changed_ns)
        with closing(sqlite3.connect(Ledger(self.path).path)) as ledger, ledger:
            ledger.execute("UPDATE session SET changed_ns = ? WHERE changed_ns = ?", times)

    def touch(self, day: str, *, at: dt.datetime) -> None:
        """Set the modification time of a file."""
        os.utime(self.file(day), (at.timestamp(), at.timestamp()))
