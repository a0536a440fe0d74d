"""For the tests of those who use leanfeed: a pytest fixture that replays recordings, offline."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

__all__ = ["leanfeed_replay"]


@pytest.fixture
def leanfeed_replay(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[[str | os.PathLike[str]], Path]:
    """Let leanfeed answer from a recording until the test ends, and ask nobody.

    Called with the folder of a recording, relative to that of the test's file, it gives the data
    folder: a new one, which leanfeed uses unless the test names another. Which sources the test or
    the configuration names does not matter, and programs that the test starts are offline too.
    What was not recorded ends the run with an error.
    """

    def replay(folder: str | os.PathLike[str]) -> Path:
        from leanfeed.recording.about import load_about

        recording = request.path.parent / folder
        load_about(recording)  # a wrong folder is found here, not in the middle of the test
        data_folder = tmp_path / "data"
        monkeypatch.setenv("LEANFEED_REPLAY", str(recording))
        monkeypatch.setenv("LEANFEED_REPLAY_STRICT", "true")
        monkeypatch.setenv("LEANFEED_DATA_FOLDER", str(data_folder))
        monkeypatch.delenv("LEANFEED_RECORD", raising=False)
        return data_folder

    return replay
