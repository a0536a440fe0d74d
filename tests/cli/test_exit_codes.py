"""Every way to end has one code, and the codes are told the same everywhere."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from leanfeed import errors
from leanfeed.cli import exit_codes
from leanfeed.cli.audit import audit
from leanfeed.cli.exit_codes import ExitCode, of_error, of_report
from leanfeed.cli.repair import repair
from tests.cli.fake_pipeline import make_report


@pytest.mark.parametrize(
    ("failures", "written", "code"),
    [
        ((), False, ExitCode.INCOMPLETE),
        (("ContractError",), False, ExitCode.INCOMPLETE),
        (("UnavailableError",), False, ExitCode.UNAVAILABLE),
        (("UnavailableError", "UnavailableError"), False, ExitCode.UNAVAILABLE),
        (("UnavailableError",), True, ExitCode.INCOMPLETE),
        (("UnavailableError", "ContractError"), False, ExitCode.INCOMPLETE),
        (("UnavailableError", "RateLimitedError"), False, ExitCode.RATE_LIMITED),
        (("RateLimitedError",), True, ExitCode.RATE_LIMITED),
        (("RateLimitedError", "AuthenticationError"), True, ExitCode.CONFIGURATION),
    ],
)
def test_an_incomplete_report_is_judged_by_its_failures(
    failures: tuple[str, ...],
    written: bool,
    code: ExitCode,
) -> None:
    assert of_report(make_report(*failures, missing=True, written=written)) is code


def test_a_complete_report_is_a_success_whatever_failed_on_the_way() -> None:
    assert of_report(make_report("AuthenticationError", "UnavailableError")) is ExitCode.COMPLETE


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.InvalidRequestError(), ExitCode.USAGE),
        (errors.ConfigurationError(), ExitCode.CONFIGURATION),
        (errors.WriteError(), ExitCode.UNEXPECTED),
        (errors.DamagedFileError(), ExitCode.UNEXPECTED),
    ],
)
def test_an_error_has_a_code(error: errors.LeanfeedError, code: ExitCode) -> None:
    assert of_error(error) is code


def test_the_table_and_the_help_name_every_code(run: Callable[..., Result]) -> None:
    table = re.findall(r"^(\d+) +\w", exit_codes.__doc__ or "", re.MULTILINE)
    assert set(table) == {str(int(code)) for code in ExitCode}
    of_audit, of_plan = str(int(ExitCode.DAMAGED)), str(int(ExitCode.WORK_TO_DO))
    for name in ("ensure", "apply"):
        assert told(run(name, "-h")) == set(table) - {of_audit, of_plan}
    assert of_plan in told(run("plan", "-h"))
    for command in (audit, repair):
        codes = told(CliRunner().invoke(command, ["--help"]))
        assert of_audit in codes
        assert codes < set(table)


def told(help_text: Result) -> set[str]:
    codes = help_text.stdout.partition("Exit codes:")[2]
    return set(re.findall(r"^ +(\d+) +\w", codes, re.MULTILINE))
