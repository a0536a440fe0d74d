"""Inside a LEAN workspace everything is found and told; its files stay as they are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Run = Callable[..., Result]

LEAN_JSON = """{
    // mine
    "data-folder": "lean-data",
    "polygon-api-key": "k3y-0123456789",
}
"""
ASKED = ("DEMO", "--resolution", "daily", "--start", "2024-11-25", "--end", "2024-11-29")


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace, with the working folder somewhere inside."""
    (tmp_path / "lean.json").write_text(LEAN_JSON)
    (tmp_path / "project/deep").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "project/deep")
    return tmp_path


def test_folder_and_key_are_found_and_told_without_the_key(workspace: Path, run: Run) -> None:
    result = run("plan", *ASKED)
    assert result.exit_code == 0
    assert result.stderr == (
        f"LEAN workspace {workspace}: data folder {workspace / 'lean-data'}; "
        "polygon: api_key from lean.json\n"
    )
    assert "k3y" not in result.output


def test_sessions_are_stored_where_lean_looks_and_lean_json_is_not_touched(
    workspace: Path, run: Run
) -> None:
    before = (workspace / "lean.json").stat()
    result = run("ensure", *ASKED, "--sources", "replay")
    assert result.exit_code == 0
    assert result.stderr == (f"LEAN workspace {workspace}: data folder {workspace / 'lean-data'}\n")
    assert (workspace / "lean-data/equity/usa/daily/demo.zip").exists()
    after = (workspace / "lean.json").stat()
    assert (workspace / "lean.json").read_text() == LEAN_JSON
    assert (before.st_mtime_ns, before.st_mode, before.st_ino) == (
        after.st_mtime_ns,
        after.st_mode,
        after.st_ino,
    )


def test_what_comes_from_elsewhere_is_said_to(
    workspace: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    (workspace / "lean.json").write_text("{}")
    monkeypatch.setenv("LEANFEED_DATA_FOLDER", str(workspace / "other"))
    assert run("plan", *ASKED).stderr == (
        f"LEAN workspace {workspace}: data folder {workspace / 'other'} "
        "(environment LEANFEED_DATA_FOLDER); polygon: api_key is missing\n"
    )


@pytest.mark.parametrize("options", [("--json",), ("--quiet",)])
def test_nothing_is_told_where_nothing_is_wanted(
    options: tuple[str, ...], workspace: Path, run: Run
) -> None:
    assert run("ensure", *ASKED, "--sources", "replay", *options).stderr == ""


def test_outside_the_default_is_told_to_people(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("plan", *ASKED).stderr == ""
    monkeypatch.setattr("leanfeed.cli.running._is_for_people", lambda: True)
    line = f"No lean.json here or above: data folder {tmp_path / 'data'} (the default)\n"
    assert run("plan", *ASKED).stderr == line
    assert run("plan", *ASKED, "--data-folder", "mine").stderr == ""
