"""An hour or daily zip holds all sessions of a series: new rows are merged into it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from attrs import define, field

from leanfeed.bars import Bars, QuoteBars
from leanfeed.default_plugins.folders import Folders
from leanfeed.default_plugins.held import Held, confirm, held, is_shrunk
from leanfeed.default_plugins.merge_loop import Merging, merge_until_kept, version
from leanfeed.default_plugins.safe_files import Durability
from leanfeed.lean import lines, merge, paths, zips
from leanfeed.values import Delivery, Session, TickType, Written

__all__ = ["merge_sessions"]

#: Rows by their date, as LEAN spells it.
_Rows = Mapping[bytes, Sequence[bytes]]


def merge_sessions(
    deliveries: Sequence[Delivery], folders: Folders, durability: Durability
) -> list[Written]:
    """Store sessions of one series. Every row of another session stays as it is.

    A session without bars keeps the rows that it has.

    Raises:
        WriteError: the system refuses, the file lies outside the data folder, the disk does not
            keep it, or other processes overwrite it again and again. What stood there still does.
    """
    path = paths.zip_path(deliveries[0].series)
    merging = _Merging(deliveries, folders, path, durability)
    merge_until_kept(merging, folders, path)
    return merging.confirmed()


@define
class _Merging(Merging):
    """Sessions of one series on their way into its zip."""

    _new: bytes = field(init=False)
    _new_rows: _Rows = field(init=False)
    #: What the file held at first.
    _before: _Rows | None = field(default=None, init=False)

    @_new.default
    def _formatted(self) -> bytes:
        if not self._traded:
            return b""
        bars: Bars | QuoteBars
        if self._series.tick_type is TickType.TRADE:
            bars = Bars.concat([d.bars for d in self._traded if isinstance(d.bars, Bars)])
        else:
            bars = QuoteBars.concat([d.bars for d in self._traded if isinstance(d.bars, QuoteBars)])
        return lines.format_bars(bars, self._series, self._traded[0].session.time_zone)

    @_new_rows.default
    def _split(self) -> _Rows:
        return _by_date(_rows(self._new))

    def merge(self) -> bool:
        """See :class:`~leanfeed.default_plugins.merge_loop.Merging`."""
        self._version = version(self.target)
        old = held(self.target, self._series)
        if self._before is None:
            self._before = _by_date(_rows(old.text))
        if not self._new and not old.is_damaged:
            return True
        dates = {delivery.session.date for delivery in self._traded}
        text = merge.merge_rows(list(old.entries.values()), self._new, dates)
        name = paths.entry_name(self._series)
        if old.is_exactly(name, text):  # replacing a file costs: never for nothing
            return True
        if text:
            return self._replace(old, name, text)
        return self._remove()

    def _replace(self, old: Held, name: str, text: bytes) -> bool:
        return self._put(
            zips.zip_bytes(name, text),
            is_worse=lambda: old.is_damaged or self._is_shrunk(old, text),
        )

    def _is_shrunk(self, old: Held, text: bytes) -> bool:
        """Whether a session loses many rows, or another one any: those that LEAN does not read."""
        before, after = _by_date(_rows(old.text)), _by_date(_rows(text))
        others = [row for part in old.entries.values() for row in _rows(part)]
        return any(
            is_shrunk(len(before.get(date, ())), len(rows)) for date, rows in self._new_rows.items()
        ) or any(
            count > len(after.get(date, ()))
            for date, count in Counter(row[:8] for row in others).items()
            if date not in self._new_rows
        )

    def is_kept(self) -> bool:
        """See :class:`~leanfeed.default_plugins.merge_loop.Merging`."""
        if version(self.target) == self._version:
            return True
        now = _by_date(_rows(held(self.target, self._series).text))
        before = self._before or {}
        return all(
            now.get(date) == rows or now.get(date) not in (None, before.get(date))
            for date, rows in self._new_rows.items()
        )

    def confirmed(self) -> list[Written]:
        """What became of each session; what concerns the file stands at the last one stored."""
        before, new = self._before or {}, self._new_rows
        last = (self._traded or self._deliveries)[-1]
        confirmed = []
        for delivery in self._deliveries:
            old = before.get(_stamp(delivery.session), ())
            now = new.get(_stamp(delivery.session), old)
            confirmed.append(
                confirm(
                    delivery,
                    str(self._path),
                    before=b"\n".join(old),
                    after=b"\n".join(now),
                    rows=len(now),
                    bytes_written=self._bytes_written if delivery is last else 0,
                    kept_aside=self._kept_aside if delivery is last else "",
                )
            )
        return confirmed


def _rows(text: bytes) -> list[bytes]:
    text = lines.normalised(text)
    return text.split(b"\n") if text else []


def _by_date(rows: Iterable[bytes]) -> _Rows:
    found: dict[bytes, list[bytes]] = {}
    for row in rows:
        found.setdefault(row[:8], []).append(row)
    return found


def _stamp(session: Session) -> bytes:
    return f"{session.date:%Y%m%d}".encode()
