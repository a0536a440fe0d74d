"""The fixture that tests of the Lean CLI source share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lean_cli.fakes import FakeLean


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeLean]:
    """A fake Lean CLI without Docker. Whatever it plays, no private folder may be left."""
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/no-docker.sock")
    made = FakeLean(tmp_path / "fake")
    made.install()
    yield made
    assert made.leftovers == []
