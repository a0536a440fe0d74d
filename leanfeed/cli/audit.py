"""``leanfeed audit``: is what lies in the data folder sound?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from leanfeed.cli.audit_options import audited, scope_options
from leanfeed.cli.command import LeanfeedCommand
from leanfeed.cli.exit_codes import ExitCode
from leanfeed.cli.request_options import config_option, json_option

if TYPE_CHECKING:
    from leanfeed.audits.report import AuditReport

__all__ = ["audit"]

_EXAMPLES = """\b
Examples:
  leanfeed audit
  leanfeed audit SPY AAPL --resolution minute --start 2024-01-02 --fail-under 100 --json

\b
Exit codes:
  0    nothing is damaged
  2    the command line is wrong
  4    the configuration is wrong, or there is no such folder
  6    something is damaged, or suspicious with --strict, or less of the sessions is there than
       --fail-under asks for
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
@config_option
@json_option
@click.pass_context
def audit(
    context: click.Context,
    /,
    *,
    fail_under: float | None,
    strict: bool,
    config: Path | None,
    as_json: bool,
    verbose: bool,
    **scope: Any,
) -> None:
    """Check every file of the data folder.

    Against LEAN's format, the calendar and its neighbours. Nothing is written and no provider is
    asked. Without symbols everything is checked.
    """
    from leanfeed.audits.audit import audit

    report = audit(**audited(scope), config=config)
    click.echo(report.to_json() if as_json else report)
    problems = list(_problems(report, fail_under=fail_under, strict=strict))
    for problem in problems:
        click.echo(f"Error: {problem}", err=True)
    context.exit(ExitCode.DAMAGED if problems or not report.ok else ExitCode.COMPLETE)


def _problems(report: AuditReport, *, fail_under: float | None, strict: bool) -> Iterator[str]:
    """Why the command fails where the report alone does not show it."""
    from leanfeed.wording import counted, percent

    if strict and report.suspicious:
        yield f"{counted(len(report.suspicious), 'finding')} suspicious, which --strict forbids."
    if fail_under is not None and (report.coverage or 0.0) < fail_under:
        yield (
            f"{percent(report.coverage or 0.0)} of the sessions are there and sound, less than "
            f"--fail-under {fail_under:.12g}."
        )
