"""What a data folder holds of a series, by its files, and by the ledger where that knows them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TypeVar

from attrs import Factory, define, evolve

from leanfeed.default_plugins.places import by_file
from leanfeed.default_plugins.stamps import Stamps
from leanfeed.default_plugins.windows import Window
from leanfeed.errors import DamagedFileError
from leanfeed.lean import paths
from leanfeed.ledger import Digest, Entry
from leanfeed.request import Verify
from leanfeed.stamps import Stamp
from leanfeed.values import Hours, Series, Session
from leanfeed.wording import difference

__all__ = ["OnDisk"]

Content = TypeVar("Content")


@define
class OnDisk:
    """The sessions of one series that are there, and its files that cannot be read.

    A file whose size and time of change the ledger knows is believed to be what it was, unless
    it is to be verified; any other is opened. A session whose rows are those that the ledger knows
    is what the ledger says, wherever they stand; one that has fewer than leanfeed wrote is damaged;
    any other was not written by leanfeed, and is as old as its file.
    """

    series: Series
    data_folder: Path
    #: What the ledger knows.
    known: Mapping[dt.date, Entry]
    verify: Verify
    #: What is known of each session that is there.
    entries: dict[Session, Entry] = Factory(dict)
    #: Those of the entries, by date, that the ledger does not hold yet.
    verified: dict[dt.date, Entry] = Factory(dict)
    #: Paths relative to the data folder, with the reason.
    damaged: dict[str, str] = Factory(dict)

    def look(self, window: Window, stamps: Stamps) -> None:
        """Find out which of the settled sessions are there.

        Raises:
            OSError: the system refuses to let leanfeed look.
        """
        found = zip(window.settled, stamps, strict=True)
        there = {session: stamp for session, stamp in found if stamp is not None}
        if self.series.resolution.is_file_per_session:
            for session, stamp in there.items():
                self._look_at(session, stamp)
            return
        for path, sessions in by_file(self.series, list(there)):
            if sessions:
                self._look_at_shared(path, sessions, there[sessions[0]])

    def _look_at(self, session: Session, stamp: Stamp) -> None:
        """One session in a zip of its own."""
        entry = self.known.get(session.date)
        if entry is not None and entry.speaks_of(stamp) and self.verify is Verify.QUICK:
            self.entries[session] = entry
            return
        from leanfeed.default_plugins.contents import look_into  # late: it brings numpy

        known = entry.digest if entry is not None else None
        look = partial(look_into, series=self.series, day=session.date, known=known)
        digest = self._open(paths.zip_path(self.series, session.date), session, look)
        if digest is not None and session.date not in self._condemned([session]):
            self._found(session, digest, stamp)

    def _look_at_shared(
        self, path: PurePosixPath, sessions: Sequence[Session], stamp: Stamp
    ) -> None:
        """Sessions in an hour or daily zip."""
        entries = {s: self.known[s.date] for s in sessions if s.date in self.known}
        same = {s: entry for s, entry in entries.items() if entry.speaks_of(stamp)}
        is_known_file = any(entry.speaks_of(stamp) for entry in self.known.values())
        empty = [s for s, entry in entries.items() if is_known_file and not entry.rows]
        if len(same) + len(empty) == len(sessions) and self.verify is Verify.QUICK:
            self.entries |= same
            return
        from leanfeed.default_plugins.contents import look_into_shared  # late: it brings numpy

        look = partial(look_into_shared, series=self.series)
        digests = self._open(path, sessions[0], look) or {}
        condemned = self._condemned(sessions) if digests else ()
        for session in sessions:
            if session.date in digests and session.date not in condemned:
                self._found(session, digests[session.date], stamp)

    def _open(
        self, path: PurePosixPath, session: Session, look: Callable[[Path], Content]
    ) -> Content | None:
        """Look into a file; None when it is damaged, or was removed meanwhile."""
        from leanfeed.default_plugins.contents import read_numbers  # late: it brings numpy

        try:
            content = look(self.data_folder / path)
            if self.verify is Verify.FULL:
                read_numbers(self.data_folder / path, self.series, session.time_zone)
        except FileNotFoundError:
            return None
        except DamagedFileError as error:
            self.damaged[path.as_posix()] = str(error)
            return None
        return content

    def _condemned(self, sessions: Sequence[Session]) -> Collection[dt.date]:
        """The days, in the file of these sessions, that an audit would call damaged."""
        if self.verify is not Verify.FULL:
            return ()
        from leanfeed.default_plugins.contents import condemned  # late: it brings numpy

        path = paths.zip_path(self.series, sessions[0].date)
        days = condemned(path, self.series, sessions, self.data_folder, self.known)
        for session in sessions:
            if session.date in days:
                reason = f"{self.data_folder / path} is damaged: {days[session.date]}."
                self.damaged.setdefault(path.as_posix(), reason)
        return days

    def _found(self, session: Session, digest: Digest, stamp: Stamp) -> None:
        """A session was found in a file that was opened."""
        known = self.known.get(session.date)
        if known is not None and known.is_more_than(digest):
            path = paths.zip_path(self.series, session.date).as_posix()
            lost = f"{session} has {difference(digest.rows, known.rows)}"
            self.damaged.setdefault(path, f"{self.data_folder / path} has lost bars: {lost}.")
            return
        if known is not None and known.digest == digest:
            entry = evolve(known, size=stamp.size, changed_ns=stamp.changed_ns)
        else:
            entry = Entry(
                ticker=self.series.symbol.ticker,
                rows=digest.rows,
                hours=Hours.EXTENDED,
                size=stamp.size,
                changed_ns=stamp.changed_ns,
                source="",
                request_id="",
                affirmed_at=stamp.mtime_ns // 1_000_000,
                crc=digest.crc,
            )
        self.entries[session] = entry
        if entry != known:
            self.verified[session.date] = entry
