"""Fills a QuantConnect LEAN data folder with the trading sessions that are missing.

    import leanfeed

    report = leanfeed.ensure("SPY", resolution="minute", start="2024-01-02", end="2024-01-05")
    report.raise_for_missing()

Everything public is here. Importing leanfeed imports nothing else: a name loads its module when it
is first used.
"""

from __future__ import annotations

import importlib

__version__ = "0.1.0"

_MODULES = {
    "applying": ("apply",),
    "audits.audit": ("audit",),
    "soundness.findings": ("AuditFinding",),
    "soundness.kinds": ("Kind", "Severity"),
    "audits.repair": ("repair",),
    "audits.repair_report": ("RepairReport",),
    "audits.report": ("AuditReport",),
    "coverages.anomalies": ("Anomaly",),
    "coverages.coverage": ("Cell", "Coverage", "SeriesCoverage"),
    "coverages.explaining": ("why",),
    "coverages.looking": ("coverage",),
    "coverages.states": ("Reason", "State"),
    "coverages.why": ("Why",),
    "bars": ("Bars", "QuoteBars"),
    "errors": (
        "AuthenticationError",
        "CancelledError",
        "ConfigurationError",
        "ContractError",
        "DamagedFileError",
        "IncompleteError",
        "InvalidRequestError",
        "LeanfeedError",
        "NoDataError",
        "RateLimitedError",
        "SourceError",
        "UnavailableError",
        "WriteError",
    ),
    "frames": ("Frame",),
    "hookspecs": ("hookimpl",),
    "interfaces": (
        "Bulk",
        "DataSource",
        "Diagnosing",
        "Estimating",
        "Examining",
        "Finding",
        "GapPlanner",
        "Given",
        "LeanWriter",
        "Universe",
        "Republishing",
        "setting",
    ),
    "loading": ("load",),
    "options": ("ChainBars", "OptionContract", "OptionRight", "OptionStyle"),
    "pipeline": ("ensure", "plan"),
    "plans": ("Plan", "SeriesPlan"),
    "report": ("Failure", "Fallback", "Report", "SeriesReport"),
    "refresh": ("Refresh",),
    "request": ("Incomplete", "Request", "Verify"),
    "secret": ("Secret",),
    "stopping": ("on_stop",),
    "values": (
        "Choice",
        "Delivery",
        "Estimate",
        "Gap",
        "Hours",
        "Resolution",
        "SecurityType",
        "Series",
        "Session",
        "Symbol",
        "TickType",
        "Written",
    ),
}
_SUBMODULES = ("aio", "backtest", "checks", "errors", "events", "lean", "observe")
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}

__all__ = sorted([*_MODULE_OF, "__version__"])


def __getattr__(name: str) -> object:
    if name in _SUBMODULES:
        return importlib.import_module(f"leanfeed.{name}")
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'leanfeed' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"leanfeed.{_MODULE_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
