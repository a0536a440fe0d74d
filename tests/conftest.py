"""What every test may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# A shared machine may be slow for a moment, which is no fault of what is tested.
settings.register_profile("leanfeed", deadline=None)
# Mutation testing runs each property hundreds of times, and wants the same answer each time.
settings.register_profile(
    "mutation", deadline=None, max_examples=15, derandomize=True, database=None
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "leanfeed"))


def _folder(variable: str, what: str) -> Path:
    value = os.environ.get(variable)
    if not value:
        pytest.skip(f"{variable} is not set: point it at {what}")
    return Path(value)


@pytest.fixture(scope="session")
def lean_data() -> Path:
    """LEAN's own sample files, the golden reference."""
    return _folder("LEANFEED_LEAN_DATA", "a copy of LEAN's Data folder")


@pytest.fixture(scope="session")
def polygon_recorded() -> Path:
    """Real answers of the Polygon API."""
    return _folder("LEANFEED_POLYGON_RECORDED", "a folder of recorded Polygon answers")


@pytest.fixture
def no_flushes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is flushed to the disk: for tests of hundreds of files that no power cut ends."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


@pytest.fixture(autouse=True)
def _clean_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """No test sees the user's keys, settings, caches or working folder."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
    # The hundreds of processes that tests start need not compile everything anew.
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", str(tmp_path_factory.getbasetemp() / "bytecode"))
    for name in list(os.environ):
        if name.startswith(("POLYGON_", "MASSIVE_")) or (
            name.startswith("LEANFEED_")
            and name not in ("LEANFEED_KERNEL", "LEANFEED_LEAN_DATA", "LEANFEED_POLYGON_RECORDED")
        ):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
