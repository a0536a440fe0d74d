"""What all conformance classes share: skipping what cannot be checked, and checking properties."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

import pytest
from hypothesis import HealthCheck, settings

__all__ = ["needs", "property_settings"]


def needs(method: str, why: str) -> NoReturn:
    """Skip a rule that cannot be checked, and say what is not known then and how it can be."""
    pytest.skip(f"Not checked: {why}. Override `{method}` in your test class, and this rule is.")


def property_settings(examples: int) -> Callable[[Any], Any]:
    """How properties are checked: the same way each time, and leaving no files."""
    return settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
