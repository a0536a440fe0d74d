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
from leanfeed_lean_cli.guard import guarded
from leanfeed_lean_cli.output import Output

__all__ = ["Ending", "run"]

#: Starts a program that hears SIGINT. Where leanfeed does not, in a background job of a shell, its
#: children would not either.
_HEARING = """\
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
try: os.execv(sys.argv[1], sys.argv[1:])
except OSError as error: print(error.strerror, flush=True); os._exit(126)
"""
#: What a launcher returns that cannot run a program, or does not find what that needs.
_NOT_STARTED = (126, 127)

_LOOK_EVERY = 0.05
#: Seconds that it has after the first SIGINT when the run is stopped: a run ends within five.
_GRACE_WHEN_STOPPED = 2.5
#: Seconds until the second SIGINT, which is the last: one more may break a clean-up off.
_AGAIN_AFTER = 1.2
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
    #: It had to be killed: it did not end in time after SIGINT.
    is_killed: bool = False


def run(
    arguments: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str],
    deadline: float,
    grace: float,
    output: Output,
) -> Ending:
    """Run a program to its end, in a process group of its own and without any input.

    It is ended when it takes longer than `deadline` seconds or the run is stopped: by SIGINT,
    which the Lean CLI takes for the wish to remove the container that it has started, by a second
    one soon after, and by SIGKILL when that does not help. Should leanfeed be killed meanwhile, a
    guard does the same.

    Args:
        arguments: the program, as an absolute path, and what it is called with.
        folder: its working folder.
        environment: its environment, whole.
        deadline: seconds.
        grace: seconds that it has to clean up, shorter when the run is stopped; 0 when it has
            nothing to clean up.
        output: hears what it says on either stream.

    Raises:
        UnavailableError: the system cannot start it.
    """
    stopped = threading.Event()
    with on_stop(stopped.set):
        if stopped.is_set():
            return Ending(0, is_stopped=True)
        process = _started(arguments, folder, environment)
        with guarded(process, folder):
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
                    is_killed = _end(process, stopped, grace)
                reader.join(_LAST_WORDS)
                if reader.is_alive():  # somebody whom it left behind holds its output
                    _kill(process)
                    reader.join(_LAST_WORDS)
        if process.returncode in _NOT_STARTED:
            raise _not_started(arguments, output.lines[-1] if output.lines else "nothing said")
        return Ending(process.returncode, stopped.is_set(), is_late, is_killed)


def _started(
    arguments: Sequence[str], folder: Path, environment: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    flags = 0
    launcher: tuple[str, ...] = ()
    if sys.platform == "win32":
        flags = subprocess.CREATE_NEW_PROCESS_GROUP
    elif signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        launcher = (sys.executable, "-I", "-c", _HEARING)
    try:
        return subprocess.Popen(
            [*launcher, *arguments],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            creationflags=flags,
        )
    except OSError as error:
        raise _not_started(arguments, error.strerror or str(error)) from None


def _not_started(arguments: Sequence[str], reason: str) -> UnavailableError:
    return UnavailableError(
        f"{arguments[0]} cannot be started ({reason}): check the setting `command`."
    )


def _listen(process: subprocess.Popen[bytes], output: Output) -> None:
    if process.stdout is None:
        return
    with process.stdout as stream:
        while chunk := os.read(stream.fileno(), _CHUNK):
            output.feed(chunk)
    output.close()


def _end(process: subprocess.Popen[bytes], stopped: threading.Event, grace: float) -> bool:
    """Interrupt the program and wait; whether it had to be killed."""
    asked_at = time.monotonic()
    interrupts = [0.0, _AGAIN_AFTER]
    try:
        while True:
            waited = time.monotonic() - asked_at
            if waited >= (min(grace, _GRACE_WHEN_STOPPED) if stopped.is_set() else grace):
                return True
            if interrupts and waited >= interrupts[0]:
                del interrupts[0]
                _interrupt(process)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_LOOK_EVERY)
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
