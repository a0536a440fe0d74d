"""The texts of a zip of options: which of their rows LEAN reads as they are meant."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence

from leanfeed.errors import DamagedFileError
from leanfeed.lean.lines import normalised, sound_part, sound_rows
from leanfeed.soundness.findings import AuditFinding
from leanfeed.soundness.kinds import Kind
from leanfeed.soundness.plain_text import is_plain
from leanfeed.soundness.rows import parse_rows
from leanfeed.values import Series

__all__ = ["line_ends", "sound_texts"]


def sound_texts(
    texts: Mapping[str, bytes],
    series: Series,
    day: dt.date | None,
    check: Callable[[bytes], Sequence[AuditFinding]],
) -> tuple[list[bytes], list[AuditFinding]]:
    """The sound rows of each contract that has some, and what is the matter with the others.

    Args:
        texts: by the names of their entries.
        series: the chain.
        day: of a minute or second zip.
        check: says what is the matter with one text; asked only when something is.
    """
    parts = [normalised(text) for text in texts.values()]
    if parts and all(parts) and _are_sound(b"\n".join(parts), series, day):
        return parts, []
    sound: list[bytes] = []
    found: list[tuple[str, AuditFinding]] = []
    for name, text in texts.items():
        found += [(name, finding) for finding in check(text)]
        part = sound_part(text, series)
        if part and (impossible := set(parse_rows(part, series, day).impossible)):
            rows = enumerate(part.split(b"\n"), start=1)
            part = b"\n".join(row for number, row in rows if number not in impossible)
        if part:
            sound.append(part)
    return sound, _summed_up(found)


def line_ends(texts: Mapping[str, bytes], series: Series) -> str:
    """What is odd about the ends of lines, though LEAN passes over it; empty when nothing is.

    LEAN's own minute and second entries of options end with a line end.
    """
    if any(b"\r\n" in text for text in texts.values()):
        return "lines end with CRLF"
    is_usual = series.resolution.is_file_per_session
    if not is_usual and any(text.endswith(b"\n") for text in texts.values()):
        return "last lines have a line end"
    return ""


def _summed_up(found: Sequence[tuple[str, AuditFinding]]) -> list[AuditFinding]:
    """One finding of each kind, which names the first entry and counts the others."""
    kinds: dict[Kind, list[tuple[str, AuditFinding]]] = {}
    for name, finding in found:
        kinds.setdefault(finding.kind, []).append((name, finding))
    summed = []
    for kind, group in kinds.items():
        name, first = group[0]
        more = f"; so in {len(group) - 1} more entries" if len(group) > 1 else ""
        dates = tuple(sorted({date for _, finding in group for date in finding.dates}))
        text = f"{name}: {first.text}{more}"
        summed.append(AuditFinding(kind, first.path, text, first.series, dates))
    return summed


def _are_sound(text: bytes, series: Series, day: dt.date | None) -> bool:
    if not is_plain(text, series):
        try:
            sound_rows(text, series.resolution, series.tick_type)
        except DamagedFileError:
            return False
    return day is not None or not parse_rows(text, series, day).impossible
