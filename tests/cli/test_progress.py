"""What a terminal shows while a run works, read from the screen of a terminal emulator."""

from __future__ import annotations

import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pyte = pytest.importorskip("pyte")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")

ROOT = Path(__file__).parents[2]
COLOUR = re.compile(rb"\x1b\[[39]\d")

#: Runs the command with a pipeline that announces one of its events for each line that it is sent.
STEPS = """
import sys
from leanfeed import cli, pipeline
from tests.cli.progress_events import EVENTS, REPORT
def ensure(*symbols, progress, cancel, **request):
    for event in EVENTS:
        if progress: progress(event)
        sys.__stdin__.readline()
        if cancel.is_set():
            from leanfeed import CancelledError
            raise CancelledError("Stopped.")
    return REPORT
pipeline.ensure = ensure
asked = "ensure SPY --resolution daily --start 2024-01-02 --data-folder data".split()
sys.argv[1:] = [*asked, *sys.argv[1:]]
cli.main()
"""


class Terminal:
    """A process on a terminal of its own."""

    def __init__(self, *options: str, columns: int = 80, **environment: str) -> None:
        self.screen = pyte.Screen(columns, 24)
        self.stream = pyte.ByteStream(self.screen)
        self.raw = b""
        self._end, other = os.openpty()
        fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        folders = os.pathsep.join((str(ROOT), str(ROOT / "plugins")))
        inherited = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "LINES")}
        self.process = subprocess.Popen(
            [sys.executable, "-c", STEPS, *options],
            env={**inherited, "PYTHONPATH": folders, "TERM": "xterm", **environment},
            stdin=subprocess.PIPE,
            stdout=other,
            stderr=other,
        )
        os.close(other)

    def step(self) -> None:
        """Let it announce the next event."""
        assert self.process.stdin
        self.process.stdin.write(b"\n")
        self.process.stdin.flush()

    def read(self, until: Callable[[str], bool]) -> str:
        """The screen, once it is as it should be, or after a while as it is."""
        deadline = time.monotonic() + 20
        while not until(self.text) and time.monotonic() < deadline:
            if select.select([self._end], [], [], 0.1)[0]:
                try:
                    data = os.read(self._end, 65536)
                except OSError:  # the other end is closed: the process is gone
                    break
                self.raw += data
                self.stream.feed(data)
        return self.text

    @property
    def text(self) -> str:
        """What the screen shows."""
        return "\n".join(line.rstrip() for line in self.screen.display).rstrip()

    def close(self) -> None:
        """End the process if it has not ended."""
        if self.process.stdin:
            self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
        os.close(self._end)


@pytest.fixture
def terminal() -> Iterator[Callable[..., Terminal]]:
    made: list[Terminal] = []

    def make(*options: str, columns: int = 80, **environment: str) -> Terminal:
        made.append(Terminal(*options, columns=columns, **environment))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_a_run_from_its_start_to_its_end(terminal: Callable[..., Terminal]) -> None:
    shown = terminal(NO_COLOR="1")
    text = shown.read(lambda text: "0/40 sessions" in text)
    minute, daily = text.splitlines()[:2]
    assert minute.startswith("minute ")
    assert minute.endswith("0/40 sessions")
    assert daily.startswith("daily ")
    assert daily.endswith("0/2 sessions")
    shown.step()
    assert "polygon: 0 requests" in shown.read(lambda text: "polygon" in text)
    shown.step()
    assert "waiting" not in shown.text
    text = shown.read(lambda text: "waiting" in text)
    assert "waiting 12 s for the free tier" in text
    shown.read(lambda text: "waiting 11 s for the free tier" in text)
    assert "waiting 11 s for the free tier" in shown.text
    shown.step()
    assert "waiting" in shown.read(lambda text: "1 request" in text)
    shown.step()
    text = shown.read(lambda text: "1/40 sessions" in text and "left" in text)
    assert "bars/s, about" in text
    shown.step()
    notice = "lean-cli: asked for 41 sessions, because polygon: it is down"
    text = shown.read(lambda text: notice in text and "lean-cli: 1" in text)
    assert text.splitlines()[0] == notice
    assert "waiting" not in text
    shown.step()
    assert "lean-cli says: Pulling" in shown.read(lambda text: "Pulling" in text)
    shown.step()
    text = shown.read(lambda text: "written in" in text)
    shown.process.wait(10)
    shown.read(lambda text: False)
    assert shown.text.splitlines()[0] == notice
    assert "sessions," not in shown.text.replace("41 sessions,", "")
    assert "━" not in shown.text
    assert not COLOUR.search(shown.raw)


def test_colours_are_there_unless_unwanted(terminal: Callable[..., Terminal]) -> None:
    shown = terminal()
    shown.step()
    shown.read(lambda text: "polygon" in text)
    assert COLOUR.search(shown.raw)


@pytest.mark.parametrize("columns", [20, 40])
def test_a_narrow_terminal_is_no_trouble(columns: int, terminal: Callable[..., Terminal]) -> None:
    shown = terminal(columns=columns)
    for _ in range(7):
        shown.step()
    shown.read(lambda text: "in 0.0 s" in text.replace("\n", " "))
    assert shown.process.wait(10) == 0
    assert "Traceback" not in shown.text


def test_ctrl_c_leaves_a_clean_screen(terminal: Callable[..., Terminal]) -> None:
    shown = terminal(NO_COLOR="1")
    shown.read(lambda text: "0/40 sessions" in text)
    shown.process.send_signal(signal.SIGINT)
    shown.step()
    shown.read(lambda text: "Stopped." in text)
    assert shown.process.wait(10) == 130
    assert shown.text == "Interrupted. Stopped."


@pytest.mark.parametrize(
    ("options", "environment"),
    [(["-q"], {}), (["-v"], {}), (["--log-format", "json"], {}), ([], {"TERM": "dumb"})],
)
def test_nothing_moves_where_it_is_not_wanted(
    options: list[str], environment: dict[str, str], terminal: Callable[..., Terminal]
) -> None:
    shown = terminal(*options, **environment)
    for _ in range(7):
        shown.step()
    assert shown.process.wait(20) == 0
    shown.read(lambda text: False)
    assert "━" not in shown.raw.decode()
    assert b"\x1b[" not in shown.raw
