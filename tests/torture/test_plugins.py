"""A plugin that misbehaves ends its own source only, by name, and gives no key away."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests import build
from tests.torture.command import Command
from tests.torture.folder import claims, present, temporaries, torn
from tests.torture.plugin import KEY

pytestmark = pytest.mark.slow

ASKED = ("SPY", "minute", "2024-01-02", "2024-01-05")
WANTED = {build.series(): build.sessions(*ASKED[2:])}

#: What is done, and the exit code when nobody else is asked.
WAYS = {
    "raises": 3,
    "exits": 3,
    "hangs": 7,
    "raises in supports": 3,
    "sleeps in supports": 7,
    "yields nonsense": 3,
    "returns nonsense": 3,
    "yields NaN": 3,
    "yields bars of another day": 3,
    "yields low above high": 3,
    "prints": 0,
    "logs its key": 0,
    "has a child": 0,
}


@pytest.mark.parametrize("how", WAYS)
def test_misbehaviour_ends_one_source_only(tmp_path: Path, how: str) -> None:
    command = Command(tmp_path / "run")
    command.configure("misbehaving", how=how, api_key=KEY, silence_limit=1)
    alone = command.run([*command.arguments(*ASKED), "-v", "--log-format", "json"])
    assert alone.returncode == WAYS[how]
    assert "misbehaving" in alone.stdout
    assert torn(command.data) == temporaries(command.data) == claims(command.data) == []
    found = present(command.data, WANTED) if command.data.exists() else set()
    assert len(found) == (0 if WAYS[how] else 4)
    if how == "prints":
        assert "noise" not in alone.stdout
    helped = command.run([*command.arguments(*ASKED), "--sources", "misbehaving,truthful", "-v"])
    assert helped.returncode == 0, helped.stderr
    assert len(present(command.data, WANTED)) == 4
    assert_no_key(tmp_path / "run", alone.stdout, alone.stderr, helped.stdout, helped.stderr)


def assert_no_key(folder: Path, *outputs: str) -> None:
    """Neither what was said nor any file but the configuration holds the key."""
    assert all(KEY not in output for output in outputs)
    files = [p for p in folder.rglob("*") if p.is_file() and p.name != "leanfeed.toml"]
    assert [path for path in files if KEY.encode() in path.read_bytes()] == []


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="no /proc")
def test_key_is_in_no_argument_list(tmp_path: Path) -> None:
    """Neither in the list of arguments nor in the environment that a child gets from leanfeed."""
    command = Command(tmp_path / "run")
    command.configure("misbehaving", how="hangs", silence_limit=1, api_key=KEY)
    seen: set[bytes] = set()
    with command.start(command.arguments(*ASKED), start_new_session=True) as process:
        until = time.monotonic() + 1.5
        while time.monotonic() < until:
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    seen.add(path.read_bytes())
                except OSError:
                    continue
            time.sleep(0.02)
        process.kill()
        process.communicate()
    assert any(b"leanfeed" in line for line in seen)
    assert not any(KEY.encode() in line for line in seen)


def test_plugin_that_does_not_load_is_named(tmp_path: Path) -> None:
    command = Command(tmp_path / "run")
    command.configure()
    broken = {"TORTURE_BROKEN_PLUGIN": "1"}
    done = command.run(command.arguments(*ASKED), environment=broken)
    assert done.returncode == 4
    assert done.stderr.startswith("Error: ")
    assert "torture" in done.stderr
    assert "Traceback" not in done.stderr
    assert not command.data.exists()
    other = command.arguments("DEMO", "minute", "2024-10-31", "2024-11-01")
    (command.folder / "leanfeed.toml").write_text('sources = ["replay"]\n', encoding="utf-8")
    assert command.run(other, environment=broken).returncode == 0
