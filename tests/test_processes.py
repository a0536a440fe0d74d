"""A process is dead for certain, alive for certain, or nobody knows."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from attrs import evolve

from leanfeed import processes
from leanfeed.processes import Process

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")

NOBODY = 999_999_999


def known(process: Process) -> tuple[bool, bool]:
    return process.is_alive, process.is_dead


def test_this_process_is_alive() -> None:
    me = Process.this()
    assert me.pid == os.getpid()
    assert known(me) == (True, False)


def test_the_text_of_a_process_is_a_process() -> None:
    assert Process.parse(str(Process.this())) == Process.this()
    for text in ("", "host.1", "host.0.1", "ho.st.1.1", "host.1.x", "host.1.1.1", "/.1.1"):
        assert Process.parse(text) is None


def test_a_number_that_was_given_again_is_another_process() -> None:
    me = Process.this()
    assert known(evolve(me, start=me.start - 1)) == (False, True)


def test_a_number_that_nobody_has() -> None:
    assert known(evolve(Process.this(), pid=NOBODY)) == (False, True)


def test_of_other_machines_nobody_knows() -> None:
    me = evolve(Process.this(), place="host-00000000")
    assert known(me) == (False, False)
    assert known(evolve(me, pid=NOBODY)) == (False, False)


def test_without_a_start_nobody_knows() -> None:
    assert known(evolve(Process.this(), pid=NOBODY, start=0)) == (False, False)


def test_a_zombie_is_dead() -> None:
    code = "from leanfeed.processes import Process; print(Process.this(), flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        process = Process.parse(child.stdout.readline().strip())
        assert process is not None
        assert known(process) == (True, False)
        child.kill()
        deadline = time.monotonic() + 10
        while not process.is_dead:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        os.kill(child.pid, 0)  # its number is not free yet
        assert not process.is_alive


def copy_of_proc(folder: Path, *, pid: int) -> Path:
    """A ``/proc`` that shows one process, whose number was `pid`."""
    _, _, rest = Path("/proc/self/stat").read_bytes().partition(b" ")
    (folder / "self").mkdir(parents=True)
    (folder / "self/stat").write_bytes(b"%d " % pid + rest)
    return folder


def test_others_that_are_hidden_may_live(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "_PROC", copy_of_proc(tmp_path, pid=os.getpid()))
    hidden = evolve(Process.this(), pid=os.getppid())
    assert hidden.start
    assert known(hidden) == (False, False)


def test_the_proc_of_another_container_says_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "_PROC", copy_of_proc(tmp_path, pid=os.getpid() + 1))
    assert Process.this().start == 0
    assert known(evolve(Process.this(), pid=NOBODY, start=5)) == (False, False)
