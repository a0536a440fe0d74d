"""Fetching again what an audit condemned, and nothing else."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from attrs import evolve

from leanfeed import config as configuration, pipeline
from leanfeed.audits.audit import audit_folder
from leanfeed.audits.errands import Errands, make_errands
from leanfeed.audits.keeping import keeping, kept_by
from leanfeed.audits.repair_report import RepairReport
from leanfeed.audits.report import AuditReport
from leanfeed.audits.scope import Scope, make_scope
from leanfeed.dates import Date
from leanfeed.events import Event
from leanfeed.interfaces import DataSource
from leanfeed.request import Symbols, Verify
from leanfeed.soundness.findings import AuditFinding
from leanfeed.soundness.kinds import Severity
from leanfeed.watch import Cancel

__all__ = ["repair"]


def repair(
    symbols: Symbols | None = None,
    *,
    resolution: str | Iterable[str] | None = None,
    start: Date | None = None,
    end: Date | None = None,
    security_type: str = "equity",
    strict: bool = False,
    sweep: bool = False,
    data_folder: str | os.PathLike[str] | None = None,
    sources: str | Sequence[str | DataSource] | None = None,
    config: str | os.PathLike[str] | None = None,
    progress: Callable[[Event], None] | None = None,
    cancel: Cancel | None = None,
    dry_run: bool = False,
) -> RepairReport:
    """Audit the data folder, fetch again what is damaged, and audit that again.

    An old file stays until the new one is safe, and is kept in ``.leanfeed/quarantine`` then. Files
    that leanfeed did not write are replaced too when they are damaged. Of an hour or daily file
    that can be read only the damaged sessions are fetched.

    Args:
        symbols: as for :func:`leanfeed.audit`, like the next three.
        resolution: one or several; all unless given.
        start: first trading day. An hour or daily file that cannot be read at all does not tell its
            days: where leanfeed's ledger does not either, it is mended from here on.
        end: last trading day, inclusive.
        security_type: what tickers in text are, as for :func:`leanfeed.ensure`.
        strict: fetch again also sessions that changed, are thin, begin with a jump, or were said to
            have had no trades against the evidence.
        sweep: remove temporary files of runs that were killed.
        data_folder: LEAN's data folder, found as :func:`leanfeed.ensure` finds it.
        sources: the chain, as for :func:`leanfeed.ensure`.
        config: a toml file, as for :func:`leanfeed.ensure`.
        progress: called with every event of every run.
        cancel: a :class:`threading.Event`; once it is set, the repair ends.
        dry_run: say what would be done; fetch and remove nothing.

    Raises:
        InvalidRequestError: the symbols, the resolution or the dates are wrong.
        ConfigurationError: the settings cannot work, or there is no such folder.
        WriteError: the disk refused; what was written before stays.
        CancelledError: `cancel` was set; what was written before stays.
    """
    folder = configuration.load(config=config, arguments={"data_folder": data_folder}).data_folder
    scope = make_scope(
        symbols, resolution=resolution, start=start, end=end, security_type=security_type
    )
    before = audit_folder(folder, scope)
    found = make_errands(_condemned(before, strict=strict), folder, scope)
    swept = _swept(folder, dry_run=dry_run) if sweep else ()
    if dry_run:
        return RepairReport(before, found.errands, found.hopeless, swept=swept)
    asked: dict[str, Any] = {
        "data_folder": folder,
        "sources": sources,
        "config": config,
        "progress": progress,
        "cancel": cancel,
    }
    with keeping(folder, found.errands) as kept:
        runs = tuple(
            pipeline.ensure(
                errand.symbols,
                resolution=errand.resolution,
                start=errand.start,
                end=errand.end,
                refresh=f"{errand.start}..{errand.end}",
                overwrite=True,
                verify=Verify.FULL.value,
                **asked,
            )
            for errand in found.errands
        )
    after = audit_folder(folder, _mended(scope, found)) if runs else before
    return RepairReport(
        before,
        found.errands,
        found.hopeless,
        runs,
        after,
        swept,
        kept_by(runs, kept, folder),
    )


def _condemned(report: AuditReport, *, strict: bool) -> list[AuditFinding]:
    return [
        finding
        for finding in report.findings
        if finding.severity is Severity.DAMAGED
        or (strict and finding.severity is Severity.SUSPICIOUS and finding.kind.is_fetchable)
    ]


def _mended(scope: Scope, found: Errands) -> Scope:
    """What was fetched again, as far as it was asked for."""
    return evolve(
        scope,
        symbols=tuple({symbol for errand in found.errands for symbol in errand.symbols}),
        resolutions=tuple({errand.resolution for errand in found.errands}),
    )


def _swept(data_folder: Path, *, dry_run: bool) -> tuple[str, ...]:
    """The temporary files that are removed, or would be, relative to the data folder."""
    from leanfeed.default_plugins import safe_files

    files = safe_files.leftovers(data_folder) if dry_run else safe_files.sweep(data_folder)
    return tuple(sorted(file.relative_to(data_folder).as_posix() for file in files))
