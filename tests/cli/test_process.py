"""What only a real process shows: start-up, signals, pipes and terminals."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Run = Callable[..., Result]
ROOT = Path(__file__).parents[2]
#: What the package itself needs; most of it the interpreter has anyway.
LIGHT = {"__future__", "importlib", "warnings", "leanfeed"}

#: Runs the command with a pipeline that announces a plan, says so, and then takes its time.
SLOW = """
import leanfeed, signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job ignores it
from leanfeed import cli, events, pipeline
from tests.cli.fake_pipeline import make_report
from tests.cli.test_event_log import PLAN
def ensure(*symbols, progress, cancel, **request):
    for event in (events.RunStarted(PLAN), events.SourceStarted("replay", 1)):
        if progress: progress(event)
    print("working", flush=True, file=sys.__stdout__)
    while not cancel.is_set(): time.sleep(0.01)
    report = make_report(missing=True, written=True)
    raise leanfeed.CancelledError("Much is missing.", report=report)
pipeline.ensure = ensure
asked = ["ensure", "SPY", "--resolution", "daily", "--start", "2024-01-02"]
sys.argv[1:] = [*asked, *sys.argv[1:]]
cli.main()
"""


@pytest.fixture
def environment() -> dict[str, str]:
    """Imports leanfeed from this checkout, wherever the process starts."""
    folders = [str(ROOT), str(ROOT / "plugins"), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, folders)), "COLUMNS": "100"}


@pytest.mark.parametrize("arguments", [["--help"], ["ensure", "-h"], ["plan", "-h"]])
def test_help_imports_nothing_heavy(arguments: list[str], environment: dict[str, str]) -> None:
    code = (
        "import sys; from leanfeed.cli import main\n"
        "try: main()\n"
        "finally: print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], env=environment, capture_output=True, text=True
    )
    loaded = {name.partition(".")[0] for name in done.stderr.split()}
    assert "leanfeed" in loaded
    heavy = {"attr", "email", "numpy", "pluggy", "rich", "sqlite3", "urllib3", "msgspec"}
    if arguments == ["--help"]:
        heavy.remove("email")  # it comes with what finds the commands of plugins
    assert not loaded & heavy


def test_the_version_is_said_before_anything_is_imported(environment: dict[str, str]) -> None:
    code = (
        "import sys\nbefore = {*sys.modules}\nfrom leanfeed.__main__ import main\n"
        "main()\nprint(*sys.modules.keys() - before, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "--version"], env=environment, capture_output=True, text=True
    )
    assert done.stdout.startswith("leanfeed ")
    assert {name.partition(".")[0] for name in done.stderr.split()} <= LIGHT


def test_the_version_is_that_of_the_option(run: Run, installed_version: str) -> None:
    assert run("--version").stdout == f"leanfeed {installed_version}\n"


def test_the_version_takes_hardly_more_than_the_interpreter(environment: dict[str, str]) -> None:
    asked = [[sys.executable, "-c", "pass"], [sys.executable, "-m", "leanfeed", "--version"]]
    times = [[seconds(command, environment) for command in asked] for _ in range(7)]
    bare, version = map(min, zip(*times, strict=True))
    assert version < 3 * bare


def seconds(command: list[str], environment: dict[str, str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def test_the_module_is_the_command(environment: dict[str, str], installed_version: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "leanfeed", "--version"],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (0, f"leanfeed {installed_version}\n")


def test_a_start_and_an_end_do_not_look_for_garbage(environment: dict[str, str]) -> None:
    code = (
        "import atexit, gc\nlooks = []\ngc.callbacks.append(lambda *look: looks.append(look))\n"
        "atexit.register(lambda: print(len(looks) < 5, gc.get_freeze_count() > 10_000))\n"
        "from leanfeed.__main__ import main\nmain()"
    )
    asked = ["ensure", "DEMO", "--resolution", "daily", "--start", "2024-11-25", "--dry-run", "-q"]
    done = subprocess.run(
        [sys.executable, "-c", code, *asked, "--sources", "replay"],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.stdout.split() == ["True", "True"]


@pytest.mark.parametrize("options", [(), ("--json",)])
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_is_one_line_and_its_exit_code(
    number: signal.Signals, code: int, options: tuple[str, ...], environment: dict[str, str]
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SLOW, *options],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "working\n"
        process.send_signal(number)
        shown, errors = process.communicate(timeout=30)
    assert process.returncode == code
    assert (json.loads(shown)["complete"] is False) if options else not shown
    assert errors == "Interrupted. Much is missing.\n"


def test_a_pipe_that_is_closed_early_is_no_complaint(environment: dict[str, str]) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "leanfeed", "ensure", "--help"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        process.stdout.close()
        assert process.stderr
        assert process.stderr.read() == ""
