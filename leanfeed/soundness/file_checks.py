"""One zip of bars: what is the matter with it, and what it holds."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

import numpy as np
from attrs import Factory, define

from leanfeed.errors import DamagedFileError
from leanfeed.lean.lines import normalised, sound_part, sound_rows
from leanfeed.lean.paths import entry_name, zip_path
from leanfeed.soundness.bar_checks import check_bars
from leanfeed.soundness.calendar import Calendar
from leanfeed.soundness.chain_lines import line_ends, sound_texts
from leanfeed.soundness.contents import ChainContent, Content
from leanfeed.soundness.findings import AuditFinding
from leanfeed.soundness.kinds import Kind
from leanfeed.soundness.lost_days import days_of_bad_lines
from leanfeed.soundness.plain_text import is_plain
from leanfeed.soundness.rows import Rows, parse_rows
from leanfeed.values import SecurityType, Series

__all__ = ["BarFile", "check_names"]

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@define
class BarFile:
    """A zip whose place says which series it holds, and of which day."""

    path: str
    series: Series
    #: None at hour and daily resolution.
    day: dt.date | None
    #: The rows that LEAN reads as they are meant; filled in by :meth:`check`.
    rows: Rows | None = None
    findings: list[AuditFinding] = Factory(list)

    def check(self, content: Content, calendar: Calendar | None) -> None:
        """Compare the text with what LEAN expects in such a file."""
        if isinstance(content, ChainContent):
            self._check_chain(content, calendar)
            return
        if not self._check_text(content.text, calendar):
            return
        if self.rows is not None:
            self.findings += check_bars(self.rows, self.series, self.path, calendar)
        self._check_entry(content.names)

    def _check_chain(self, content: ChainContent, calendar: Calendar | None) -> None:
        """The same of a zip with an entry for each contract."""
        odd = [name for name in content.names if name not in content.texts]
        if odd:
            kind = Kind.WRONG_ENTRY if any(map(_climbs, odd)) else Kind.ENTRY_NAME
            more = f"; so with {len(odd) - 1} more" if len(odd) > 1 else ""
            self.found(kind, f"{odd[0][:80]!r} names no contract of the chain{more}", ())

        def check(text: bytes) -> list[AuditFinding]:
            one = BarFile(self.path, self.series, self.day)
            one._check_text(text, calendar)
            return [f for f in one.findings if f.kind is not Kind.LINE_ENDS]

        parts, findings = sound_texts(content.texts, self.series, self.day, check)
        self.findings += findings
        if words := line_ends(content.texts, self.series):
            self.found(Kind.LINE_ENDS, words, ())
        if not parts:
            self.found(Kind.EMPTY, "it has no rows of a contract that LEAN may ask for")
            return
        self.rows = parse_rows(b"\n".join(parts), self.series, self.day)
        counts = [part.count(b"\n") + 1 for part in parts]
        firsts = np.cumsum([0, *counts[:-1]])
        self.findings += check_bars(self.rows, self.series, self.path, calendar, firsts=firsts)

    def _check_text(self, raw: bytes, calendar: Calendar | None) -> bool:
        """Check the lines of an entry; False when it has none."""
        text = normalised(raw)
        if not text:
            self.found(Kind.EMPTY, "it has no rows")
            return False
        self._check_lines(raw, text, calendar)
        return True

    def found(self, kind: Kind, text: str, dates: tuple[dt.date, ...] | None = None) -> None:
        """Note a finding; about all days of the file unless `dates` says which."""
        if dates is None:
            dates = self.dates
        self.findings.append(AuditFinding(kind, self.path, text, self.series, dates))

    def may_hold(self, date: dt.date) -> bool:
        """Whether LEAN looks for the trading day in this file."""
        if self.day is not None or not self.series.is_chain:
            return self.day in (None, date)
        return zip_path(self.series, date) == PurePosixPath(self.path)

    @property
    def dates(self) -> tuple[dt.date, ...]:
        """The trading days of which it has sound rows, or should have."""
        if self.day is not None:
            return (self.day,)
        return self.rows.dates if self.rows is not None else ()

    def _check_lines(self, raw: bytes, text: bytes, calendar: Calendar | None) -> None:
        """Read the rows; of a damaged text those that are sound."""
        lines: list[bytes] = []
        bad: list[int] = []
        if not self._is_sound(raw, text):
            text = sound_part(raw, self.series)
            sound = set(text.split(b"\n"))
            lines = normalised(raw).replace(b"\r", b"\n").split(b"\n")
            bad = [i for i, line in enumerate(lines) if not line or line not in sound]
        if text:
            self.rows = parse_rows(text, self.series, self.day)
            if self.rows.impossible and not bad:
                lines = text.split(b"\n")
                bad = [number - 1 for number in self.rows.impossible]
        if not bad:
            self._check_line_ends(raw)
            return
        days = self.dates
        if self.day is None:
            days = days_of_bad_lines(lines, bad, self.series.resolution, calendar)
        more = f", and {len(bad) - 1} more" if len(bad) > 1 else ""
        shown = lines[bad[0]][:60].decode("ascii", "backslashreplace")
        self.found(Kind.BAD_LINE, f"line {bad[0] + 1} is {shown!r}{more}", days)

    def _is_sound(self, raw: bytes, text: bytes) -> bool:
        if is_plain(text, self.series):
            return True
        try:
            sound_rows(raw, self.series.resolution, self.series.tick_type)
        except DamagedFileError:
            return False
        return True

    def _check_line_ends(self, raw: bytes) -> None:
        if raw.startswith(_BYTE_ORDER_MARK):
            self.found(Kind.LINE_ENDS, "it starts with a byte order mark", ())
        if b"\r\n" in raw:
            self.found(Kind.LINE_ENDS, "its lines end with CRLF", ())
        elif raw.endswith(b"\n"):
            self.found(Kind.LINE_ENDS, "its last line has a line end", ())

    def _check_entry(self, names: Sequence[str]) -> None:
        """LEAN reads the first entry, whatever its name; of an equity it must be the right one."""
        expected = entry_name(self.series, self.day)
        if list(names) == [expected]:
            return
        shown = f"{names[0][:80]!r} where {expected!r} belongs"
        is_other = PurePosixPath(names[0]).name.lower() != expected
        if self.series.symbol.security_type is not SecurityType.EQUITY:
            self.found(Kind.WRONG_ENTRY if _climbs(names[0]) else Kind.ENTRY_NAME, shown)
            return
        if len(names) > 1:
            self.found(
                Kind.SEVERAL_ENTRIES, f"{len(names)} entries, the first is {names[0][:80]!r}"
            )
        if is_other or _climbs(names[0]):
            self.found(Kind.WRONG_ENTRY, shown)
        elif names[0] != expected:
            self.found(Kind.ENTRY_NAME, shown)


def check_names(path: str, names: Sequence[str]) -> Iterator[AuditFinding]:
    """The entries of a zip of which leanfeed only knows that LEAN keeps bars or ticks there."""
    day = re.match("[0-9]{8}_", PurePosixPath(path).name)
    for name in names:
        if _climbs(name):
            yield AuditFinding(Kind.WRONG_ENTRY, path, f"an entry is named {name[:80]!r}")
            return
    prefix = day.group() if day else ""
    odd = [name for name in names if not (name.startswith(prefix) and name.endswith(".csv"))]
    if odd:
        yield AuditFinding(
            Kind.ENTRY_NAME, path, f"{len(odd)} of {len(names)} entries, such as {odd[0][:80]!r}"
        )


def _climbs(name: str) -> bool:
    """Unpacked, it would lie outside the folder that it is unpacked to."""
    return name.startswith("/") or "\\" in name or ".." in PurePosixPath(name).parts
