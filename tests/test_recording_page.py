"""What the page about recordings shows is what happens."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from leanfeed.cli import cli

PAGE = (Path(__file__).parents[1] / "docs/recording.md").read_text(encoding="utf-8")


def blocks(language: str = "") -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, flags=re.DOTALL | re.MULTILINE)


@pytest.fixture
def recording() -> Path:
    for line in blocks()[0].splitlines():
        result = CliRunner().invoke(cli, shlex.split(line)[1:])
        assert result.exit_code == 0, result.output
    return Path("recording")


def test_the_files_are_as_shown(recording: Path) -> None:
    _, tree, section, call = blocks()
    shown = [line.split()[0] for line in tree.splitlines() if line != "…"]
    found = {p.relative_to(recording).as_posix() for p in recording.rglob("*") if p.is_file()}
    assert set(shown) <= found
    assert len(found) > len(shown)
    thin = recording / "equity/usa/minute/thin/20241105_trade.csv"
    assert thin.read_text("utf-8") == section
    (path,) = (recording / "calls").iterdir()
    real = re.sub(r'(?<=recorded_at = ").*?(?=")', "2024-12-02T18:00:05.120000Z", path.read_text())
    assert real == call


@pytest.mark.slow
@pytest.mark.usefixtures("recording")
def test_the_fixture_works_as_shown() -> None:
    (code,) = blocks("python")
    Path("test_shown.py").write_text(code, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_shown.py"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout
    assert "1 passed" in result.stdout
