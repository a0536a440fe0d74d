"""The fixture `leanfeed_replay`, in test suites of other people."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture
def recording(pytester: pytest.Pytester) -> Path:
    command = "record recordings/demo -- ensure DEMO --resolution minute --start 2024-11-25"
    more = "--end 2024-11-29 --sources replay --data-folder live"
    pytester.run(sys.executable, "-m", "leanfeed", *command.split(), *more.split())
    return pytester.path / "recordings/demo"


def outcomes(pytester: pytest.Pytester, code: str, *options: str) -> pytest.RunResult:
    pytester.makepyfile(code)
    return pytester.runpytest_subprocess("-p", "no:cacheprovider", *options)


@pytest.mark.slow
@pytest.mark.usefixtures("recording")
def test_it_replays_whatever_sources_are_named(pytester: pytest.Pytester) -> None:
    result = outcomes(
        pytester,
        """
        import subprocess, sys
        import leanfeed
        import pytest

        WEEK = dict(resolution="minute", start="2024-11-25", end="2024-11-29")

        def test_recorded(leanfeed_replay):
            folder = leanfeed_replay("recordings/demo")
            for sources in (None, "replay", ["replay", "polygon"]):
                report = leanfeed.ensure("DEMO", sources=sources, **WEEK)
                report.raise_for_missing()
                assert report.data_folder == folder
            assert (folder / "equity/usa/minute/demo/20241129_trade.zip").is_file()

        def test_each_test_has_a_data_folder_of_its_own(leanfeed_replay):
            assert not leanfeed_replay("recordings/demo").exists()

        def test_programs_are_offline_too(leanfeed_replay):
            leanfeed_replay("recordings/demo")
            command = [sys.executable, "-m", "leanfeed", "ensure", "DEMO", "--resolution", "minute"]
            subprocess.run([*command, "--start", "2024-11-25", "--end", "2024-11-29"], check=True)

        def test_unrecorded(leanfeed_replay):
            folder = leanfeed_replay("recordings/demo")
            missed = "SPY minute 2024-11-25 and 3 more were not recorded"
            with pytest.raises(leanfeed.InvalidRequestError, match=missed):
                leanfeed.ensure(["DEMO", "SPY"], **WEEK)
            assert not list(folder.rglob("*.zip"))

        def test_another_source(leanfeed_replay):
            leanfeed_replay("recordings/demo")
            with pytest.raises(leanfeed.ConfigurationError, match="nothing of polygon"):
                leanfeed.ensure("DEMO", sources="polygon", **WEEK)

        def test_wrong_folder(leanfeed_replay):
            with pytest.raises(leanfeed.UnavailableError, match="There is no recording in"):
                leanfeed_replay("recordings/wrong")
        """,
    )
    result.assert_outcomes(passed=6)


@pytest.mark.usefixtures("recording")
def test_after_the_test_the_environment_is_as_it_was(pytester: pytest.Pytester) -> None:
    result = outcomes(
        pytester,
        """
        import os

        def test_one(leanfeed_replay):
            leanfeed_replay("recordings/demo")

        def test_two():
            assert not [name for name in os.environ if name.startswith("LEANFEED_RE")]
        """,
    )
    result.assert_outcomes(passed=2)


def test_it_can_be_left_out(pytester: pytest.Pytester) -> None:
    code = "def test_one():\n    pass\n\ndef test_two(leanfeed_replay):\n    pass\n"
    outcomes(pytester, code, "-p", "no:leanfeed").assert_outcomes(passed=1, errors=1)


def test_pytest_starts_without_loading_what_is_not_used(pytester: pytest.Pytester) -> None:
    result = outcomes(
        pytester,
        """
        import sys

        def test_light(request):
            assert "leanfeed.pytest_plugin" in sys.modules
            heavy = {"numpy", "pandas", "click", "rich", "urllib3", "attrs", "msgspec"}
            assert not heavy & sys.modules.keys()
        """,
        "-p",
        "no:hypothesispytest",
    )
    result.assert_outcomes(passed=1)


def test_its_module_costs_next_to_nothing() -> None:
    code = "import sys, pytest; before = {*sys.modules}; import leanfeed.pytest_plugin; "
    code += "print(*sorted({*sys.modules} - before))"
    run = [sys.executable, "-c", code]
    loaded = subprocess.run(run, capture_output=True, text=True, check=True).stdout.split()
    assert loaded == ["leanfeed", "leanfeed.pytest_plugin"]
