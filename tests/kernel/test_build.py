"""The wheel holds the kernel where there is a compiler, and else is for every platform."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from leanfeed.kernel import library_name

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.slow


def built(folder: Path, source: Path, **environment: str) -> Path:
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", folder, source]
    done = subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, cwd=folder
    )
    if "Could not find a version" in done.stderr or "No module named pip" in done.stderr:
        pytest.skip("nothing can be built here")
    assert done.returncode == 0, done.stderr
    (wheel,) = folder.glob("*.whl")
    return wheel


def copied(folder: Path) -> Path:
    """What the repository holds, without what was built in it."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True
    ).stdout
    for name in filter(None, listed.decode().split("\0")):
        target = folder / name
        if (ROOT / name).is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes((ROOT / name).read_bytes())
    return folder


@pytest.mark.parametrize("compiler", ["/nowhere/cc", "false"])
def test_without_a_compiler(tmp_path: Path, compiler: str) -> None:
    wheel = built(tmp_path, copied(tmp_path / "source"), CC=compiler)
    assert wheel.name.endswith("-py3-none-any.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert "leanfeed/kernel/kernel.c" in names
    assert f"leanfeed/kernel/{library_name()}" not in names


def test_with_a_compiler(tmp_path: Path) -> None:
    source = copied(tmp_path / "source")
    wheel = built(tmp_path, source)
    if wheel.name.endswith("-any.whl"):
        pytest.skip("there is no compiler here")
    assert "-py3-none-" in wheel.name
    assert f"leanfeed/kernel/{library_name()}" in zipfile.ZipFile(wheel).namelist()
