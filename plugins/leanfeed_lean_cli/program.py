"""One child program: heard line by line, given a deadline, and ended when the run is stopped."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextvars import copy_context
from pathlib import Path

from attrs import frozen

from leanfeed.errors import UnavailableError
from leanfeed.stopping import on_stop
from leanfeed_lean_cli.output import Output

__all__ = ["Ending", "run"]

_LOOK_EVERY = 0.05
#: Seconds that it has after SIGINT to remove its container, when its deadline is over and when the
#: run is stopped: a run ends within five seconds.
_GRACE, _GRACE_WHEN_STOPPED = 15.0, 2.5
_LAST_WORDS = 0.5
_CHUNK = 1 << 16
_SILENCE = 60.0


@frozen
class Ending:
    """How a program ended."""

    #: What it returned; negative: the signal that ended it.
    exit_code: int
    #: The run was stopped, from outside.
    is_stopped: bool = False
    #: It took longer than its deadline.
    is_late: bool = False
    #: SIGINT did not end it.
    is_killed: bool = False


def run(
    arguments: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str],
    deadline: float,
    output: Output,
) -> Ending:
    """Run a program to its end, in a process group of its own and without any input.

    It is ended when it takes longer than `deadline` seconds or the run is stopped: by SIGINT, which
    the Lean CLI takes for the wish to remove its container, and by SIGKILL when that does not help.

    Args:
        arguments: the program, as an absolute path, and what it is called with.
        folder: its working folder.
        environment: its environment, whole.
        deadline: seconds.
        output: hears what it says on either stream.

    Raises:
        UnavailableError: the system cannot start it.
    """
    stopped = threading.Event()
    with on_stop(stopped.set):
        if stopped.is_set():
            return Ending(0, is_stopped=True)
        process = _started(arguments, folder, environment)
        # The copied context knows who listens to what it says.
        reader = threading.Thread(
            target=copy_context().run, args=(_listen, process, output), daemon=True
        )
        reader.start()
        ends_at = time.monotonic() + deadline
        is_killed = False
        try:
            while process.poll() is None and time.monotonic() < ends_at:
                if stopped.wait(_LOOK_EVERY):
                    break
                output.notice_silence(_SILENCE)
            is_late = process.poll() is None and not stopped.is_set()
        finally:
            if process.poll() is None:
                is_killed = _end(process, stopped)
            reader.join(_LAST_WORDS)
            if reader.is_alive():  # somebody whom it left behind holds its output
                _kill(process)
                reader.join(_LAST_WORDS)
        return Ending(process.returncode, stopped.is_set(), is_late, is_killed)


def _started(
    arguments: Sequence[str], folder: Path, environment: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    flags = 0
    if sys.platform == "win32":
        flags = subprocess.CREATE_NEW_PROCESS_GROUP
    try:
        return subprocess.Popen(
            arguments,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            creationflags=flags,
        )
    except OSError as error:
        raise UnavailableError(
            f"{arguments[0]} cannot be started ({error.strerror or error}): check the setting "
            "`command`."
        ) from None


def _listen(process: subprocess.Popen[bytes], output: Output) -> None:
    if process.stdout is None:
        return
    with process.stdout as stream:
        while chunk := os.read(stream.fileno(), _CHUNK):
            output.feed(chunk)
    output.close()


def _end(process: subprocess.Popen[bytes], stopped: threading.Event) -> bool:
    """Interrupt the program and wait; whether it had to be killed."""
    asked_at = time.monotonic()
    try:
        _interrupt(process)
        while process.poll() is None:
            grace = _GRACE_WHEN_STOPPED if stopped.is_set() else _GRACE
            if time.monotonic() - asked_at > grace:
                return True
            time.sleep(_LOOK_EVERY)
        return False
    finally:
        _kill(process)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_LAST_WORDS)


def _interrupt(process: subprocess.Popen[bytes]) -> None:
    if sys.platform == "win32":
        process.send_signal(signal.CTRL_BREAK_EVENT)
    else:
        _signal_group(process, signal.SIGINT)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End the program and whoever it left behind in its process group."""
    if sys.platform == "win32":
        process.kill()
    else:
        _signal_group(process, signal.SIGKILL)


def _signal_group(process: subprocess.Popen[bytes], sign: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, sign)
