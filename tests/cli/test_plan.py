"""What `leanfeed plan` hands over and prints."""

from __future__ import annotations

import json
from collections.abc import Callable

from click.testing import Result

from leanfeed.errors import InvalidRequestError
from tests.cli.fake_pipeline import FakePipeline

Run = Callable[..., Result]

SPY = ("plan", "SPY", "--resolution", "minute", "--start", "2024-01-02")


def test_the_plan_is_printed_and_missing_sessions_are_no_failure(
    run: Run, pipeline: FakePipeline
) -> None:
    result = run(*SPY)
    assert (result.exit_code, result.stdout) == (0, f"{pipeline.plan_made}\n")
    assert pipeline.calls == [
        {"symbols": ("SPY",), "resolution": ("minute",), "start": "2024-01-02"}
    ]


def test_the_plan_as_json(run: Run, pipeline: FakePipeline) -> None:
    assert json.loads(run(*SPY, "--json").stdout) == pipeline.plan_made.to_dict()


def test_a_wrong_question_is_one_sentence(run: Run, pipeline: FakePipeline) -> None:
    pipeline.error = InvalidRequestError("'S PY' is not a ticker: use letters.")
    result = run(*SPY)
    assert (result.exit_code, result.output) == (2, "Error: 'S PY' is not a ticker: use letters.\n")


def test_what_the_symbols_are_can_be_said(run: Run, pipeline: FakePipeline) -> None:
    assert run(*SPY, "--security-type", "Option").exit_code == 0
    assert pipeline.calls[0]["security_type"] == "option"
    assert run(*SPY, "--security-type", "future").exit_code == 2
