"""What the planner's tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

from leanfeed.default_plugins import contents
from tests.planner.folder import Folder


@pytest.fixture(autouse=True)
def _quick(no_flushes: None) -> None:
    """What is tested here is what is read."""


@pytest.fixture(params=["minute", "hour", "daily"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Folder:
    """An empty data folder, for each way in which LEAN keeps sessions."""
    return Folder(tmp_path / "data", request.param)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that a plan opens, in order."""
    names: list[str] = []

    def spy(path: Path) -> bytes:
        names.append(path.name)
        return real(path)

    real = contents.entry_text
    monkeypatch.setattr(contents, "entry_text", spy)
    return names
