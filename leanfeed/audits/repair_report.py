"""What a repair found, fetched again and left."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from leanfeed.audits.errands import Errand
from leanfeed.audits.report import AuditReport
from leanfeed.report import Report
from leanfeed.soundness.findings import AuditFinding
from leanfeed.values import Session, TickType
from leanfeed.wording import capped, counted, ranges

__all__ = ["RepairReport"]


@frozen
class RepairReport:
    """What :func:`leanfeed.repair` did, or would do."""

    before: AuditReport
    #: What was fetched again, or would be.
    errands: tuple[Errand, ...] = ()
    #: What is damaged, and cannot be fetched again.
    hopeless: tuple[AuditFinding, ...] = ()
    #: One report for each errand; none after a dry run.
    runs: tuple[Report, ...] = ()
    #: Of the symbols that were fetched again; None after a dry run.
    after: AuditReport | None = None
    #: Temporary files that were removed, or would be, relative to the data folder.
    swept: tuple[str, ...] = ()
    #: Files that were replaced, each with where the old one is kept; both relative to the data
    #: folder.
    kept_aside: Mapping[str, str] = field(factory=dict)

    @property
    def sessions(self) -> int:
        """Number of sessions that were to be fetched again."""
        return sum(len(errand.sessions) * len(errand.symbols) for errand in self.errands)

    @property
    def fetched(self) -> int:
        """How many of them were, affirmed empty ones included."""
        left = sum(run.missing_sessions + run.not_refreshed for run in self.runs)
        return max(self.sessions - left, 0) if self.runs else 0

    @property
    def ok(self) -> bool:
        """Nothing is damaged any more."""
        return not self.hopeless and (self.after or self.before).ok

    def to_dict(self) -> dict[str, Any]:
        """The report as plain JSON values."""
        return {
            "ok": self.ok,
            "sessions": self.sessions,
            "fetched": self.fetched,
            "before": self.before.to_dict(),
            "errands": [
                {
                    "symbols": [symbol.ticker for symbol in errand.symbols],
                    "resolution": errand.resolution.value,
                    "sessions": [str(session) for session in errand.sessions],
                }
                for errand in self.errands
            ],
            "hopeless": [finding.to_dict() for finding in self.hopeless],
            "runs": [run.to_dict() for run in self.runs],
            "after": self.after.to_dict() if self.after else None,
            "swept": list(self.swept),
            "kept_aside": dict(self.kept_aside),
        }

    def to_json(self) -> str:
        """The report as indented JSON."""
        return json.dumps(self.to_dict(), indent=2)

    def __str__(self) -> str:
        lines = [f"{self.before.data_folder}: {self._verdict()}"]
        together: dict[str, list[Session]] = {}
        for errand in self.errands:
            names = f"{errand.resolution} {', '.join(map(str, errand.symbols))}"
            together.setdefault(names, []).extend(errand.sessions)
        for names, sessions in together.items():
            in_order = sorted(sessions, key=lambda session: session.date)
            lines.append(f"  {names}: {ranges(in_order)}")
        removed = "removed" if self.after else "to be removed"
        lines += [f"  {removed}: {path}" for path in self.swept]
        lines += [
            f"  cannot be fetched again: {finding.path}: {finding.text}{_way_out(finding)}"
            for finding in self.hopeless
        ]
        for run in self.runs:
            lines += [f"  {failure.source} gave up: {failure.message}" for failure in run.failures]
        lines += capped([f"  {path}: the old file is {k}" for path, k in self.kept_aside.items()])
        left = self.after.damaged if self.after else ()
        lines += [f"  still damaged: {f.path}: {f.kind}, {f.text}" for f in left]
        return "\n".join(lines)

    def _verdict(self) -> str:
        sessions = counted(self.sessions, "session")
        if self.after is None:
            return f"{'sound' if self.ok else 'damaged'}; {sessions} to be fetched again"
        verdict = "sound" if self.ok else "still damaged"
        if self.fetched < self.sessions:
            return f"{verdict}; {self.fetched} of {sessions} fetched"
        return f"{verdict}; {sessions} fetched again"


def _way_out(finding: AuditFinding) -> str:
    """What to add where a file does not tell which days it held."""
    series = finding.series
    if series is None or series.resolution.is_file_per_session or finding.dates:
        return ""
    if not finding.kind.is_fetchable or series.tick_type is not TickType.TRADE:
        return ""
    return "; say which days it held, with --start and --end"
