"""Files against what leanfeed remembers of having written them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from leanfeed.ledger import Digest, Entry
from leanfeed.ledger.chain_digests import of_dates, of_session
from leanfeed.ledger.digests import by_date
from leanfeed.soundness.contents import ChainContent, Content
from leanfeed.soundness.file_checks import BarFile
from leanfeed.soundness.kinds import Kind, Severity
from leanfeed.wording import counted, difference

__all__ = ["check_ledger"]

_NOTHING = Digest(0, 0)


def check_ledger(file: BarFile, content: Content, entries: Mapping[dt.date, Entry]) -> None:
    """Note where a file is not what leanfeed wrote; what it only found there is not compared."""
    written = {
        date: entry
        for date, entry in entries.items()
        if entry.rows and entry.source and file.may_hold(date)
    }
    if file.rows is None or not written:
        return
    held = _held(file, content, len(file.rows))
    now = {date: held.get(date, _NOTHING) for date in sorted(written)}
    lost = [date for date in now if written[date].is_more_than(now[date])]
    changed = [d for d in now if d not in lost and written[d].digest not in (now[d], None)]
    # Of a session that is damaged it goes without saying.
    damaged = {d for f in file.findings if f.severity is Severity.DAMAGED for d in f.dates}
    odd = [date for date in changed if date not in damaged]
    for kind, dates in ((Kind.LOST_ROWS, lost), (Kind.CHANGED, odd)):
        if dates:
            first, others = dates[0], len(dates) - 1
            more = f"; so with {counted(others, 'more session')}" if others else ""
            what = difference(now[first].rows, written[first].rows)
            file.found(kind, f"{first} has {what}{more}", tuple(dates))
    is_touched = not any(e.speaks_of(content.stamp) for e in written.values())
    if is_touched and not lost and not changed:
        file.found(Kind.TOUCHED, "its bars are those that leanfeed wrote", ())


def _held(file: BarFile, content: Content, rows: int) -> Mapping[dt.date, Digest]:
    """What the file holds of each day."""
    if isinstance(content, ChainContent):
        texts = content.texts.items()
        return of_dates(texts) if file.day is None else {file.day: of_session(texts)}
    return by_date(content.text) if file.day is None else {file.day: Digest(rows, content.crc)}
