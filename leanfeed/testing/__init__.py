"""For authors of plugins: the conformance kit, and Hypothesis strategies for LEAN's data.

    from leanfeed.testing import SourceConformance, gap

    class TestMySource(SourceConformance):
        def source(self):
            return MySource(folder="recorded")

        def gaps(self):
            return [gap("SPY", "minute", "2024-01-02", "2024-01-05")]

Needs ``leanfeed[testing]``. :mod:`leanfeed.testing.strategies` has the strategies.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from leanfeed.testing.asking import bars_of, deliveries_of, gap, sessions_of
    from leanfeed.testing.planner_rules import PlannerConformance
    from leanfeed.testing.source_rules import SourceConformance
    from leanfeed.testing.writer_rules import WriterConformance

__all__ = [
    "PlannerConformance",
    "SourceConformance",
    "WriterConformance",
    "bars_of",
    "deliveries_of",
    "gap",
    "sessions_of",
]

_MODULES = {
    "asking": ("bars_of", "deliveries_of", "gap", "sessions_of"),
    "planner_rules": ("PlannerConformance",),
    "source_rules": ("SourceConformance",),
    "writer_rules": ("WriterConformance",),
}


def __getattr__(name: str) -> Any:
    for module, names in _MODULES.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
