"""An hour or daily zip of options holds a year of a chain: new sessions are merged into it.

Each contract has an entry. Those that have no rows of the new sessions, before or now, stay as they
are compressed; so a year of a hundred thousand contracts is merged in seconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from operator import itemgetter
from pathlib import Path, PurePosixPath

from attrs import define, field

from leanfeed.default_plugins.chain_zips import check_bytes
from leanfeed.default_plugins.folders import Folders
from leanfeed.default_plugins.held import confirm_rows, is_shrunk
from leanfeed.default_plugins.held_years import HeldYear, held_year
from leanfeed.default_plugins.merge_loop import merge_until_kept, version, version_and_stamp
from leanfeed.default_plugins.quarantine import QUARANTINE, keep_aside
from leanfeed.default_plugins.safe_files import Durability, staged
from leanfeed.lean import paths
from leanfeed.lean.chains import chain_texts
from leanfeed.lean.many_zip import packed, zip_of_many
from leanfeed.ledger import Digest
from leanfeed.ledger.chain_digests import RowCount
from leanfeed.options import ChainBars
from leanfeed.stamps import Stamp
from leanfeed.values import Delivery, Series, Session, Written

__all__ = ["merge_chains"]

_NOTHING = Digest(0, 0)
_NO_STAMP = Stamp(0, 0, 0)
#: ``yyyyMMdd HH:mm``, by which LEAN tells rows apart and which sorts as text.
_stamp = itemgetter(slice(14))


def merge_chains(
    deliveries: Sequence[Delivery], folders: Folders, durability: Durability
) -> list[Written]:
    """Store sessions of one chain, all of one year. Rows of other sessions stay as they are.

    A session without bars keeps the rows that it has.

    Raises:
        WriteError: the system refuses, the file lies outside the data folder, the disk does not
            keep it, or other processes overwrite it again and again. What stood there still does.
    """
    path = paths.zip_path(deliveries[0].series, deliveries[0].session.date)
    merging = _Merging(deliveries, folders, path, durability)
    merge_until_kept(merging, folders, path)
    return merging.confirmed()


@define
class _Merging:
    """Sessions of one chain on their way into the zip of their year."""

    _deliveries: Sequence[Delivery]
    _folders: Folders
    _path: PurePosixPath
    _durability: Durability
    _traded: list[Delivery] = field(init=False)
    #: Of all sessions, spelt as in the rows.
    _days: frozenset[bytes] = field(init=False)
    #: The new rows by the names of their entries, and what they amount to by day.
    _new: Mapping[str, list[bytes]] = field(init=False)
    _after: dict[bytes, Digest] = field(init=False)
    #: What the file held at first.
    _before: dict[bytes, Digest] | None = field(default=None, init=False)
    #: Of the file that we read, or put there.
    _version: tuple[int, ...] = field(default=(), init=False)
    #: Of the file that holds our rows; zeros when others have written to it since.
    _stamp: Stamp = field(default=_NO_STAMP, init=False)
    _bytes_written: int = field(default=0, init=False)
    _kept_aside: str = field(default="", init=False)

    @_traded.default
    def _with_bars(self) -> list[Delivery]:
        return [delivery for delivery in self._deliveries if len(delivery.bars)]

    @_days.default
    def _spelt(self) -> frozenset[bytes]:
        return frozenset(_day(delivery.session) for delivery in self._deliveries)

    @_new.default
    def _formatted(self) -> Mapping[str, list[bytes]]:
        new: dict[str, list[bytes]] = {}
        for delivery in self._traded:
            assert isinstance(delivery.bars, ChainBars)
            texts = chain_texts(delivery.bars, self._series, delivery.session.time_zone)
            for name, text in texts.items():
                new.setdefault(name, []).extend(text.split(b"\n"))
        return new

    @_after.default
    def _counted(self) -> dict[bytes, Digest]:
        count = RowCount()
        for name, rows in self._new.items():
            count.add(name, rows)
        return count.digests

    @property
    def target(self) -> Path:
        """The zip."""
        return self._folders.data_folder / self._path

    @property
    def _series(self) -> Series:
        return self._deliveries[0].series

    def merge(self) -> bool:
        """See :class:`~leanfeed.default_plugins.merge_loop.Merging`."""
        self._version = version(self.target)
        old = self._held()
        if self._before is None:
            self._before = old.count.digests
        changed = {name: self._merged(name, old) for name in {**old.rows, **self._new}}
        changed = {name: rows for name, rows in changed.items() if rows != old.rows.get(name)}
        if not changed and not old.is_damaged:  # replacing a file costs: never for nothing
            return True
        entries = old.entries | {n: packed(b"\n".join(rows)) for n, rows in changed.items() if rows}
        gone = {name for name, rows in changed.items() if not rows}
        kept = {name: entry for name, entry in entries.items() if name not in gone}
        if kept:
            return self._replace(old, zip_of_many(kept))
        if version(self.target) != self._version:
            return False
        self._keep_aside(by_move=True)
        self._version = ()
        return True

    def _held(self) -> HeldYear:
        return held_year(self.target, self._series, self._days, self._new)

    def _merged(self, name: str, old: HeldYear) -> list[bytes]:
        kept = (row for row in old.rows.get(name, ()) if row[:8] not in self._after)
        return sorted(chain(kept, self._new.get(name, ())), key=_stamp)

    def _replace(self, old: HeldYear, data: bytes) -> bool:
        with staged(
            self.target,
            lambda file: file.write(data),
            check=lambda written: check_bytes(written, data, self.target),
            durability=self._durability,
        ) as staging:
            if version(self.target) != self._version:
                return False
            if self._is_condemned or old.is_damaged or self._is_shrunk(old):
                self._keep_aside(by_move=False)
            self._version = version(staging.temporary)
            staging.put()
        self._bytes_written = len(data)
        return True

    @property
    def _is_condemned(self) -> bool:
        """Whether what stood there has yet to be kept."""
        return not self._kept_aside and any(d.replaces_damaged for d in self._traded)

    def _is_shrunk(self, old: HeldYear) -> bool:
        """Whether a session loses many rows."""
        before = old.count.digests
        return any(
            is_shrunk(before.get(day, _NOTHING).rows, digest.rows)
            for day, digest in self._after.items()
        )

    def _keep_aside(self, *, by_move: bool) -> None:
        self._folders.enter(QUARANTINE / self._path)
        self._kept_aside = keep_aside(
            self._folders.data_folder, self._path, by_move=by_move, durability=self._durability
        )

    def is_kept(self) -> bool:
        """See :class:`~leanfeed.default_plugins.merge_loop.Merging`."""
        found, stamp = version_and_stamp(self.target)
        if found == self._version:
            self._stamp = stamp
            return True
        now, before = self._held().count.digests, self._before or {}
        return all(
            now.get(day) == digest or now.get(day) not in (None, before.get(day))
            for day, digest in self._after.items()
        )

    def confirmed(self) -> list[Written]:
        """What became of each session; what concerns the file stands at the last one stored."""
        last = (self._traded or self._deliveries)[-1]
        before = self._before or {}
        confirmed = []
        for delivery in self._deliveries:
            day = _day(delivery.session)
            old = before.get(day, _NOTHING)
            now = self._after.get(day, old)
            stamp = self._stamp if now.rows else _NO_STAMP
            confirmed.append(
                confirm_rows(
                    delivery,
                    str(self._path),
                    before=old.rows,
                    after=now.rows,
                    is_changed=now != old,
                    bytes_written=self._bytes_written if delivery is last else 0,
                    kept_aside=self._kept_aside if delivery is last else "",
                    size=stamp.size,
                    changed_ns=stamp.changed_ns,
                    crc=now.crc,
                )
            )
        return confirmed


def _day(session: Session) -> bytes:
    return f"{session.date:%Y%m%d}".encode()
