"""An hour or daily zip of options holds a year of a chain: new sessions are merged into it.

Each contract has an entry. Those that have no rows of the new sessions, before or now, stay as they
are compressed; so a year of a hundred thousand contracts is merged in seconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from operator import itemgetter

from attrs import define, field

from leanfeed.default_plugins.folders import Folders
from leanfeed.default_plugins.held import confirm_rows, is_shrunk
from leanfeed.default_plugins.held_years import HeldYear, held_year
from leanfeed.default_plugins.merge_loop import (
    Merging,
    merge_until_kept,
    version,
    version_and_stamp,
)
from leanfeed.default_plugins.safe_files import Durability
from leanfeed.lean import paths
from leanfeed.lean.chains import chain_texts
from leanfeed.lean.many_zip import packed, zip_of_many
from leanfeed.ledger import Digest
from leanfeed.ledger.chain_digests import RowCount
from leanfeed.options import ChainBars
from leanfeed.stamps import Stamp
from leanfeed.values import Delivery, Session, Written

__all__ = ["merge_chains"]

_NOTHING = Digest(0, 0)
_NO_STAMP = Stamp(0, 0, 0)
#: ``yyyyMMdd HH:mm``, by which LEAN tells rows apart and which sorts as text.
_time_of = itemgetter(slice(14))


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
class _Merging(Merging):
    """Sessions of one chain on their way into the zip of their year."""

    #: Of all sessions, spelt as in the rows.
    _days: frozenset[bytes] = field(init=False)
    #: The new rows by the names of their entries, and what they amount to by day.
    _new: Mapping[str, list[bytes]] = field(init=False)
    _after: dict[bytes, Digest] = field(init=False)
    #: What the file held at first.
    _before: dict[bytes, Digest] | None = field(default=None, init=False)
    #: Of the file that holds our rows; zeros when others have written to it since.
    _stamp: Stamp = field(default=_NO_STAMP, init=False)

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
        return self._remove()

    def _held(self) -> HeldYear:
        return held_year(self.target, self._series, self._days, self._new)

    def _merged(self, name: str, old: HeldYear) -> list[bytes]:
        kept = (row for row in old.rows.get(name, ()) if row[:8] not in self._after)
        return sorted(chain(kept, self._new.get(name, ())), key=_time_of)

    def _replace(self, old: HeldYear, data: bytes) -> bool:
        return self._put(data, is_worse=lambda: old.is_damaged or self._is_shrunk(old))

    def _is_shrunk(self, old: HeldYear) -> bool:
        """Whether a session loses many rows."""
        before = old.count.digests
        return any(
            is_shrunk(before.get(day, _NOTHING).rows, digest.rows)
            for day, digest in self._after.items()
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
