"""The front door: what is asked, and the report of what was found."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path

from attrs import evolve

from leanfeed import config as configuration
from leanfeed.audits.report import AuditReport
from leanfeed.audits.run import AuditRun
from leanfeed.audits.sample import Sample
from leanfeed.audits.scope import Scope, make_scope
from leanfeed.dates import Date
from leanfeed.errors import ConfigurationError
from leanfeed.interfaces import DataSource
from leanfeed.ledger import Ledger
from leanfeed.request import Symbols
from leanfeed.soundness.findings import AuditFinding
from leanfeed.soundness.kinds import Kind

__all__ = ["audit", "audit_folder"]

_ORDER = {kind: position for position, kind in enumerate(Kind)}


def audit(
    symbols: Symbols | None = None,
    *,
    resolution: str | Iterable[str] | None = None,
    start: Date | None = None,
    end: Date | None = None,
    security_type: str = "equity",
    against: str | DataSource | None = None,
    sample: int = 20,
    price_tolerance: float = 0.05,
    volume_tolerance: float = 5.0,
    data_folder: str | os.PathLike[str] | None = None,
    config: str | os.PathLike[str] | None = None,
) -> AuditReport:
    """Check every file of the data folder; write nothing, and ask no provider unless told to.

    The trade bars of equities and options, and the bars of indices, forex, CFDs and crypto, are
    read in full: the zip and its entries, every line, the order and the grid of the bars, their
    prices and volumes. Then they are compared with LEAN's calendar, with what leanfeed remembers of
    having written, and, but for options, with their neighbours. Of quotes of options, of futures
    and of ticks the zips are verified and the names of their entries.

    Args:
        symbols: one ticker, or several in any iterable or separated by commas; all unless given.
        resolution: ``daily``, ``hour``, ``minute`` or ``second``; one or several; all unless given.
        start: first trading day, inclusive; each series' own first day unless given.
        end: last trading day, inclusive; each series' own last day unless given.
        security_type: what tickers in text are, as for :func:`leanfeed.ensure`.
        against: a source to compare with: it is asked for some of the sound sessions of trades.
        sample: how many, chosen by the digests of their names: the same ones each time.
        price_tolerance: percent by which a price may differ, 0 to 100.
        volume_tolerance: percent by which a volume may differ.
        data_folder: LEAN's data folder, found as :func:`leanfeed.ensure` finds it.
        config: a toml file; else the nearest ``leanfeed.toml`` or ``[tool.leanfeed]`` upward.

    Raises:
        InvalidRequestError: the symbols, the resolution or the dates are wrong.
        ConfigurationError: the settings cannot work, or there is no such folder.
    """
    settings = configuration.load(config=config, arguments={"data_folder": data_folder})
    scope = make_scope(
        symbols, resolution=resolution, start=start, end=end, security_type=security_type
    )
    if against is None:
        return audit_folder(settings.data_folder, scope)
    from leanfeed.audits.against import Against

    asked = Against(against, sample, price_tolerance, volume_tolerance)
    chosen = Sample(sample)
    report = audit_folder(settings.data_folder, scope, chosen)
    return evolve(report, comparison=asked.compare(chosen, settings.data_folder, config))


def audit_folder(data_folder: Path, scope: Scope, sample: Sample | None = None) -> AuditReport:
    """Audit what the scope says of one data folder, and let the sample have what is sound."""
    if not data_folder.is_dir():
        raise ConfigurationError(
            f"There is no data folder {data_folder}: name one that exists, or fill it first."
        )
    started = time.monotonic()
    with Ledger(data_folder) as ledger:
        run = AuditRun(data_folder, scope, ledger, sample)
        findings = sorted(run.findings(), key=_order)
    return AuditReport(
        data_folder=data_folder,
        findings=tuple(findings),
        files=run.files,
        sessions=run.sessions,
        bars=run.bars,
        bytes_read=run.bytes_read,
        coverage=100 * run.covered / run.expected if run.expected else None,
        duration_seconds=time.monotonic() - started,
    )


def _order(finding: AuditFinding) -> tuple[object, ...]:
    return finding.path, _ORDER[finding.kind], finding.dates
