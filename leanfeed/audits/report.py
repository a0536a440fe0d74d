"""What an audit found, and how much it looked at."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from attrs import frozen

from leanfeed.audits.comparison import Comparison
from leanfeed.errors import DamagedFileError
from leanfeed.soundness.findings import AuditFinding
from leanfeed.soundness.kinds import Kind, Severity
from leanfeed.wording import counted, duration, percent, size

__all__ = ["AuditReport"]

#: So many findings of one kind are shown in full.
_SHOWN = 6


@frozen
class AuditReport:
    """What :func:`leanfeed.audit` found. Making it wrote nothing and asked no provider."""

    data_folder: Path
    #: In the order of their paths.
    findings: tuple[AuditFinding, ...] = ()
    #: Zips that were read.
    files: int = 0
    #: Sessions of all series that they hold.
    sessions: int = 0
    bars: int = 0
    #: The size of the zips.
    bytes_read: int = 0
    #: Percent of the sessions asked for that are on disk and sound, or known to have had no trades.
    #: Where the caller gave no start or end, a series' own first or last session takes its place.
    #: None when no session was to be expected.
    coverage: float | None = None
    duration_seconds: float = 0.0
    #: What another source says about some of the sessions; None unless one was named.
    comparison: Comparison | None = None

    @property
    def ok(self) -> bool:
        """Nothing is damaged; what another source says stands in :attr:`comparison`."""
        return not self.damaged

    @property
    def damaged(self) -> tuple[AuditFinding, ...]:
        """What LEAN cannot read, or would misread."""
        return self._of(Severity.DAMAGED)

    @property
    def suspicious(self) -> tuple[AuditFinding, ...]:
        """What LEAN reads as it stands, and is probably not meant."""
        return self._of(Severity.SUSPICIOUS)

    def _of(self, severity: Severity) -> tuple[AuditFinding, ...]:
        return tuple(finding for finding in self.findings if finding.severity is severity)

    def raise_for_damage(self) -> None:
        """Do nothing when :attr:`ok`.

        Raises:
            DamagedFileError: something is damaged; the message says what.
        """
        if not self.ok:
            lines = _lines(self.damaged)
            advice = "Run `leanfeed repair`, or leanfeed.repair()."
            raise DamagedFileError("\n".join(["The data folder is damaged:", *lines, advice]))

    def to_dict(self) -> dict[str, Any]:
        """The report as plain JSON values."""
        return {
            "ok": self.ok,
            "data_folder": str(self.data_folder),
            "files": self.files,
            "sessions": self.sessions,
            "bars": self.bars,
            "bytes_read": self.bytes_read,
            "coverage": None if self.coverage is None else round(self.coverage, 3),
            "duration_seconds": round(self.duration_seconds, 3),
            "counts": {severity.value: len(self._of(severity)) for severity in Severity},
            "findings": [finding.to_dict() for finding in self.findings],
            "comparison": None if self.comparison is None else self.comparison.to_dict(),
        }

    def to_json(self) -> str:
        """The report as indented JSON."""
        return json.dumps(self.to_dict(), indent=2)

    def __str__(self) -> str:
        counts = [f"{len(self._of(s))} {s}" for s in (Severity.DAMAGED, Severity.SUSPICIOUS)]
        verdict = ", ".join(counts) if self.damaged or self.suspicious else "sound"
        lines = [f"{self.data_folder}: {verdict}", *_lines(self.findings)]
        covered = (
            "" if self.coverage is None else f"; {percent(self.coverage)} of the sessions there"
        )
        lines.append(
            f"  {counted(self.files, 'file')}, {counted(self.sessions, 'session')}, "
            f"{counted(self.bars, 'bar')}, {size(self.bytes_read)} read "
            f"in {duration(self.duration_seconds)}{covered}"
        )
        lines += self.comparison.lines() if self.comparison else []
        return "\n".join(lines)


def _lines(findings: Sequence[AuditFinding]) -> list[str]:
    """The findings by kind, the worst first; of many of one kind the first few."""
    lines: list[str] = []
    for kind in Kind:
        same = [finding for finding in findings if finding.kind is kind]
        if not same:
            continue
        lines.append(f"  {kind.severity}: {kind} ({len(same)}). {kind.meaning} {kind.advice}")
        lines += [f"    {finding.path}: {finding.text}" for finding in same[:_SHOWN]]
        if len(same) > _SHOWN:
            lines.append(f"    and {len(same) - _SHOWN} more")
    return lines
