"""What only a real process shows: start-up, signals, pipes and terminals."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

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


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["ensure", "-h"], ["plan", "-h"]])
def test_help_and_version_import_nothing_heavy(
    arguments: list[str], environment: dict[str, str]
) -> None:
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
    assert not loaded & {"attr", "numpy", "pluggy", "rich", "urllib3", "msgspec", "dateutil"}


def test_the_module_is_the_command(environment: dict[str, str], installed_version: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "leanfeed", "--version"],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (0, f"leanfeed {installed_version}\n")


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
