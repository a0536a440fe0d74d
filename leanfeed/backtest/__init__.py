"""For services that run backtests: before LEAN starts, and after it has complained."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from leanfeed.backtest.fill_report import FillReport
    from leanfeed.backtest.filling import fill
    from leanfeed.backtest.lean_run import FailedRequests, failed_requests
    from leanfeed.backtest.not_ready import DataNotReadyError
    from leanfeed.backtest.preparing import prepare
    from leanfeed.backtest.progress import Progress

__all__ = [
    "DataNotReadyError",
    "FailedRequests",
    "FillReport",
    "Progress",
    "failed_requests",
    "fill",
    "prepare",
]

_MODULES = {
    "fill_report": ("FillReport",),
    "filling": ("fill",),
    "lean_run": ("FailedRequests", "failed_requests"),
    "not_ready": ("DataNotReadyError",),
    "preparing": ("prepare",),
    "progress": ("Progress",),
}


def __getattr__(name: str) -> Any:
    for module, names in _MODULES.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
