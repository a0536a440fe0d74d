"""Everything that one zip of bars shows by itself, with the calendar and with the ledger."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

from leanfeed.ledger import Entry
from leanfeed.soundness.calendar import Calendar
from leanfeed.soundness.contents import Fault, read, read_chain
from leanfeed.soundness.file_checks import BarFile
from leanfeed.soundness.findings import AuditFinding
from leanfeed.soundness.kinds import Severity
from leanfeed.soundness.ledger_checks import check_ledger

__all__ = ["damage", "examine"]


def examine(
    file: BarFile, data_folder: Path, calendar: Calendar | None, entries: Mapping[dt.date, Entry]
) -> int:
    """Note what is the matter with a file.

    Args:
        file: gets the findings and the rows.
        data_folder: where it lies.
        calendar: of its market; None when nobody knows it.
        entries: what the ledger knows of its series.

    Returns:
        How many bytes were read; none of a file that cannot be read.
    """
    path = data_folder / file.path
    is_chain = file.series.is_chain
    content = read_chain(path, file.series, file.day) if is_chain else read(path)
    if isinstance(content, Fault):
        there = (date for date, entry in entries.items() if entry.rows and file.may_hold(date))
        written = tuple(sorted(there))
        file.found(content.kind, content.text, file.dates or written)
        return 0
    file.check(content, calendar)
    check_ledger(file, content, entries)
    return content.stamp.size


def damage(file: BarFile) -> list[AuditFinding]:
    """Those of its findings that LEAN could not read, or would misread."""
    return [finding for finding in file.findings if finding.severity is Severity.DAMAGED]
