"""``leanfeed audit``: is what lies in the data folder sound?"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from leanfeed.cli.audit_options import audited, scope_options
from leanfeed.cli.command import LeanfeedCommand
from leanfeed.cli.completion import complete_sources
from leanfeed.cli.exit_codes import ExitCode, of_failures
from leanfeed.cli.request_options import config_option, given, json_option

if TYPE_CHECKING:
    from leanfeed.audits.comparison import Comparison
    from leanfeed.audits.report import AuditReport

__all__ = ["audit"]

_EXAMPLES = """\b
Examples:
  leanfeed audit
  leanfeed audit SPY AAPL --resolution minute --start 2024-01-02 --fail-under 100 --json
  leanfeed audit --against polygon --sample 50

\b
Exit codes:
  0    nothing is damaged
  2    the command line is wrong
  4    the configuration is wrong, or there is no such folder
  6    something is damaged, or suspicious with --strict, or less of the sessions is there than
       --fail-under asks for, or the source named with --against says something else
  3, 5, 7  nothing of that, but the source named with --against did not answer for all of the
       sample: as `leanfeed ensure` ends then; 4 also when it refused the key
"""


@click.command(cls=LeanfeedCommand, epilog=_EXAMPLES)
@scope_options
@click.option(
    "--fail-under",
    metavar="PERCENT",
    type=click.FloatRange(0, 100),
    help="Fail when less of the sessions is there and sound, or known to have had no trades.",
)
@click.option("--strict", is_flag=True, help="Fail also when something is suspicious.")
@click.option(
    "--against",
    metavar="SOURCE",
    shell_complete=complete_sources,
    help="Ask this source for some of the sessions, and compare. Nothing is stored.",
)
@click.option(
    "--sample",
    metavar="N",
    type=click.IntRange(min=1),
    help="Sessions to compare, the same ones each time. [default: 20]",
)
@click.option(
    "--price-tolerance",
    metavar="PERCENT",
    type=click.FloatRange(0, 100),
    help="How much prices may differ. [default: 0.05]",
)
@click.option(
    "--volume-tolerance",
    metavar="PERCENT",
    type=click.FloatRange(0, 100),
    help="How much volumes may differ. [default: 5]",
)
@config_option
@json_option
@click.pass_context
def audit(
    context: click.Context,
    /,
    *,
    fail_under: float | None,
    strict: bool,
    against: str | None,
    sample: int | None,
    price_tolerance: float | None,
    volume_tolerance: float | None,
    config: Path | None,
    as_json: bool,
    verbose: bool,
    **scope: Any,
) -> None:
    """Check every file of the data folder.

    Against LEAN's format, the calendar and its neighbours. Nothing is written, and no provider is
    asked but the one named with --against. Without symbols everything is checked.

    SYMBOL is a ticker, several with commas, @FILE for a list in a file, or - for standard input.
    """
    from leanfeed.audits.audit import audit

    closely = given(
        {
            "sample": sample,
            "price_tolerance": price_tolerance,
            "volume_tolerance": volume_tolerance,
        }
    )
    if closely and against is None:
        option = next(iter(closely)).replace("_", "-")
        raise click.UsageError(f"--{option} says how to compare: name a source with --against.")
    with redirect_stdout(sys.stderr):  # what a plugin prints is not the report
        report = audit(**audited(scope), config=config, against=against, **closely)
    click.echo(report.to_json() if as_json else report)
    problems = list(_problems(report, fail_under=fail_under, strict=strict))
    for problem in problems:
        click.echo(f"Error: {problem}", err=True)
    if problems or not report.ok:
        context.exit(ExitCode.DAMAGED)
    context.exit(_code(report.comparison) if report.comparison else ExitCode.COMPLETE)


def _code(comparison: Comparison) -> ExitCode:
    """As a run would end whose source gave as little."""
    if not comparison.unanswered:
        return ExitCode.COMPLETE
    is_useless = len(comparison.unanswered) == comparison.sampled
    return of_failures(comparison.failures, is_useless=is_useless)


def _problems(report: AuditReport, *, fail_under: float | None, strict: bool) -> Iterator[str]:
    """Why the command fails where the report alone does not show it."""
    from leanfeed.wording import counted, percent

    comparison = report.comparison
    if comparison and comparison.differences:
        differing = counted(len(comparison.differences), "session")
        yield f"{differing} of {comparison.sampled} not as {comparison.source} has it."
    if strict and report.suspicious:
        yield f"{counted(len(report.suspicious), 'finding')} suspicious, which --strict forbids."
    if fail_under is not None and (report.coverage or 0.0) < fail_under:
        yield (
            f"{percent(report.coverage or 0.0)} of the sessions are there and sound, less than "
            f"--fail-under {fail_under:.12g}."
        )
