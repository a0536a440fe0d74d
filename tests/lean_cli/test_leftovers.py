"""What a call leaves in its private folder is removed, by it or by the next run."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from leanfeed.events import Event, listening
from leanfeed.processes import Process
from leanfeed_lean_cli import box
from tests.lean_cli.fakes import KEY, FakeLean
from tests.lean_cli.test_ending import GAP, wait_for, working

KILLED_SOON = """
import sys
from leanfeed_lean_cli import guard
from tests.lean_cli.fakes import FakeLean
from tests.lean_cli.test_ending import GAP, Path
guard._SHELL = sys.argv[2]
FakeLean(Path(sys.argv[1])).fetch(GAP)
"""


def killed_while_it_hangs(
    fake: FakeLean, outcome: str, shell: str = "/bin/sh"
) -> subprocess.Popen[bytes]:
    """A leanfeed that was killed in the middle of a call.

    Nobody has waited for the process, so that it is a zombie.
    """
    fake.play(outcome=outcome)
    child = subprocess.Popen(
        [sys.executable, "-c", KILLED_SOON, str(fake.folder), shell], cwd=Path(__file__).parents[2]
    )
    wait_for((fake.folder / "hangs").exists)
    child.kill()
    wait_for(lambda: (Path("/proc") / str(child.pid) / "stat").read_text().split()[2] == "Z")
    fake.play()
    return child


@pytest.mark.parametrize("outcome", ["hang", pytest.param("deaf", marks=pytest.mark.slow)])
def test_one_that_was_killed_leaves_no_program_and_no_key(fake: FakeLean, outcome: str) -> None:
    child = killed_while_it_hangs(fake, outcome)
    wait_for(lambda: not working(fake))
    child.wait()
    assert (fake.folder / "interrupted").exists()
    assert not list(fake.staging.rglob("lean.json"))
    if outcome == "deaf":  # it may have left a container, which the next run finds by the folder
        assert len(fake.leftovers) == 1
        box.sweep(fake.staging, print)


def test_the_guard_knows_no_key(fake: FakeLean, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLYGON_API_KEY", KEY)
    seen: list[bytes] = []

    def look(_event: Event) -> None:
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            with contextlib.suppress(OSError):
                if b"leanfeed-guard" in path.read_bytes():
                    seen.append(path.read_bytes() + path.with_name("environ").read_bytes())

    fake.play(outcome="slow")
    with listening(look):
        fake.source().fetch([GAP]).__next__()
    assert seen
    assert not any(KEY.encode() in text for text in seen)


def test_the_next_run_sweeps_up_after_one_that_was_killed(fake: FakeLean) -> None:
    child = killed_while_it_hangs(fake, "hang", "/no/such/shell")
    (left,) = fake.leftovers
    assert KEY in (left / "lean.json").read_text()
    assert working(fake) != []
    assert fake.fetch(GAP).error is None
    child.wait()
    assert not left.exists()
    assert (fake.folder / "interrupted").exists()
    assert working(fake) == []


def test_folders_of_the_living_and_of_others_stay(fake: FakeLean) -> None:
    me = Process.this()
    other_machine = Process("host-00000000", me.pid, me.start)
    for name in (f"{me}-x", f"{other_machine}-x", "y", f"{other_machine}-old"):
        (fake.staging / f"leanfeed-lean-cli-{name}").mkdir(parents=True)
    old = fake.staging / f"leanfeed-lean-cli-{other_machine}-old"
    os.utime(old, (time.time() - 90_000,) * 2)
    box.sweep(fake.staging, print)
    assert sorted(path.name.rpartition("-")[2] for path in fake.leftovers) == ["x", "x", "y"]
    for path in fake.leftovers:
        path.rmdir()


def test_what_cannot_be_removed_is_told_and_the_key_is_gone(
    fake: FakeLean, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, **_: object) -> None:
        """As a folder does that the container made as root."""

    remove = box.shutil.rmtree
    monkeypatch.setattr(box.shutil, "rmtree", refuse)
    played = fake.fetch(GAP)
    monkeypatch.setattr(box.shutil, "rmtree", remove)
    assert played.error is None
    assert len(played.dates) == 3
    told = [text for text in played.said if "belong to another user" in text]
    assert len(told) == len(fake.leftovers) == 2  # the version check has one as well
    for path in fake.leftovers:
        assert not (path / "lean.json").exists()
        remove(path)
