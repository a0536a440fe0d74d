"""Ways to look at runs: structured logs, JSON lines, and metrics for Prometheus.

Each is fed by the events of :mod:`leanfeed.events`, and asks nothing else of a run.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from leanfeed.observe.data_download import DataDownloadLog
    from leanfeed.observe.json_lines import JsonFormatter
    from leanfeed.observe.metrics import Metrics

__all__ = ["DataDownloadLog", "JsonFormatter", "Metrics"]

_MODULES = {
    "DataDownloadLog": "data_download",
    "JsonFormatter": "json_lines",
    "Metrics": "metrics",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
