"""The fixture that tests of the Lean CLI source share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lean_cli.fakes import FakeLean


@pytest.fixture
def fake(tmp_path: Path) -> Iterator[FakeLean]:
    """A fake Lean CLI. Whatever it plays, no private folder may be left."""
    made = FakeLean(tmp_path / "fake")
    made.install()
    yield made
    assert made.leftovers == []
