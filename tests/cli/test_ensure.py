"""What `leanfeed ensure` hands over, prints and exits with."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from leanfeed.cli.progress_lines import ProgressLines
from leanfeed.errors import ConfigurationError, InvalidRequestError, WriteError
from tests.cli.fake_pipeline import FakePipeline, make_report

Run = Callable[..., Result]

SPY = ("ensure", "SPY", "--resolution", "minute", "--start", "2024-01-02")


def test_options_become_the_keywords_of_the_library(run: Run, pipeline: FakePipeline) -> None:
    result = run(
        "ensure", "SPY", "AAPL,MSFT", "--resolution", "minute,hour", "--resolution", "daily",
        "--start", "20240102", "--end", "2024-01-05", "--data-folder", "data", "--warmup", "20",
        "--session", "Regular", "--sources", "replay,polygon", "--config", "my.toml", "--dry-run",
    )  # fmt: skip
    assert result.exit_code == 0
    progress = pipeline.calls[0].pop("progress")
    assert pipeline.calls == [
        {
            "symbols": ("SPY", "AAPL", "MSFT"),
            "resolution": ("minute", "hour", "daily"),
            "start": "20240102",
            "end": "2024-01-05",
            "data_folder": Path("data"),
            "warmup": 20,
            "session": "regular",
            "sources": ("replay", "polygon"),
            "config": Path("my.toml"),
            "dry_run": True,
        }
    ]
    assert isinstance(progress, ProgressLines)


def test_what_is_not_given_is_left_to_the_configuration(run: Run, pipeline: FakePipeline) -> None:
    run(*SPY)
    assert pipeline.calls[0].keys() == {"symbols", "resolution", "start", "dry_run", "progress"}


def test_the_report_is_printed_and_nothing_else(run: Run, pipeline: FakePipeline) -> None:
    result = run(*SPY)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == f"{pipeline.report}\n"


def test_json_is_alone_on_standard_output(run: Run, pipeline: FakePipeline) -> None:
    pipeline.report = make_report("UnavailableError", missing=True)
    result = run(*SPY, "--json")
    assert json.loads(result.stdout)["missing_sessions"] == 1
    assert result.stderr == "Error: polygon: UnavailableError it is.\n"
    assert result.exit_code == 7


def test_quiet_keeps_to_errors(run: Run, pipeline: FakePipeline) -> None:
    pipeline.report = make_report("UnavailableError", written=True)
    assert run(*SPY, "--quiet").output == ""
    pipeline.report = make_report(missing=True)
    result = run(*SPY, "-q")
    assert (result.exit_code, result.stdout) == (3, "")
    assert result.stderr == "Error: 1 session still missing: the report says why.\n"


def test_a_failure_that_another_source_mended_is_a_warning(
    run: Run, pipeline: FakePipeline
) -> None:
    pipeline.report = make_report("AuthenticationError", written=True)
    result = run(*SPY)
    assert result.stderr == "Warning: polygon: AuthenticationError it is.\n"
    assert result.exit_code == 0


def test_a_dry_run_tells_what_is_missing_and_no_more(run: Run, pipeline: FakePipeline) -> None:
    pipeline.report = make_report(missing=True)
    result = run(*SPY, "--dry-run")
    assert (result.exit_code, result.stderr) == (3, "")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InvalidRequestError("The start lies in the future: use another."), 2),
        (ConfigurationError("There is no source named 'poligon'."), 4),
        (WriteError("The disk is full: make room."), 1),
    ],
)
def test_an_expected_failure_is_one_sentence(
    error: Exception, code: int, run: Run, pipeline: FakePipeline
) -> None:
    pipeline.error = error
    result = run(*SPY)
    assert (result.exit_code, result.output) == (code, f"Error: {error}\n")


def test_an_unexpected_failure_shows_its_traceback_only_when_asked(
    run: Run, pipeline: FakePipeline
) -> None:
    pipeline.error = KeyError("first\nsecond")
    result = run(*SPY)
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert "KeyError" in result.stderr
    assert "-v" in result.stderr
    again = run(*SPY, "-v")
    assert again.exit_code == 1
    assert "Traceback (most recent call last)" in again.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("ensure",),
        ("ensure", "SPY", "--start", "2024-01-02"),
        ("ensure", "SPY", "--resolution", "minute"),
        (*SPY, "--session", "night"),
        (*SPY, "--warmup", "many"),
        (*SPY, "--resolutoin", "minute"),
        ("ensrue",),
    ],
)
def test_a_wrong_command_line_exits_with_2(arguments: tuple[str, ...], run: Run) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert "Error: " in result.stderr
