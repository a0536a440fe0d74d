"""Files against what leanfeed remembers of having written them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from leanfeed.audits.contents import Content
from leanfeed.audits.file_checks import BarFile
from leanfeed.audits.kinds import Kind
from leanfeed.ledger import Digest, Entry
from leanfeed.ledger.digests import by_date

__all__ = ["check_ledger"]

_NOTHING = Digest(0, 0)


def check_ledger(file: BarFile, content: Content, entries: Mapping[dt.date, Entry]) -> None:
    """Note where a file is not what leanfeed wrote; what it only found there is not compared."""
    written = {
        date: entry
        for date, entry in entries.items()
        if entry.rows and entry.source and (file.day is None or date == file.day)
    }
    if file.rows is None or not written:
        return
    held = by_date(content.text)
    if file.day is not None:
        held = {file.day: Digest(len(file.rows), content.crc)}
    now = {date: held.get(date, _NOTHING) for date in sorted(written)}
    lost = [date for date in now if now[date].rows < written[date].rows]
    changed = [d for d in now if d not in lost and written[d].digest not in (now[d], None)]
    for kind, dates in ((Kind.LOST_ROWS, lost), (Kind.CHANGED, changed)):
        if dates:
            more = f"; so with {len(dates) - 1} more sessions" if len(dates) > 1 else ""
            counts = f"{now[dates[0]].rows} bars, {written[dates[0]].rows} were written"
            file.found(kind, f"{dates[0]} has {counts}{more}", tuple(dates))
    is_touched = not any(e.speaks_of(content.size, content.mtime_ns) for e in written.values())
    if is_touched and not lost and not changed:
        file.found(Kind.TOUCHED, "its bars are those that leanfeed wrote", ())
