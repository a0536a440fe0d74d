"""Lets these tests, and no others, have the user's key: other tests never see it."""

from __future__ import annotations

import os

import pytest

_SWITCH = "RUN_POLYGON_LIVE_TESTS"
# Read at import, before the tests' environment is cleaned.
_KEY = os.environ.get("POLYGON_API_KEY") or os.environ.get("MASSIVE_API_KEY") or ""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip unless asked for."""
    if os.environ.get(_SWITCH) == "1":
        return
    for item in items:
        if __package__ in item.nodeid.replace("/", "."):
            item.add_marker(pytest.mark.skip(reason=f"{_SWITCH} is not 1"))


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    if not _KEY:
        pytest.fail(
            f"{_SWITCH}=1 asks for the real API, and neither POLYGON_API_KEY nor MASSIVE_API_KEY "
            "is set.",
            pytrace=False,
        )
    monkeypatch.setenv("POLYGON_API_KEY", _KEY)
