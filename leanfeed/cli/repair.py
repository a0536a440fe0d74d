"""``leanfeed repair``: fetch again what an audit condemned."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from leanfeed.cli.audit_options import audited, scope_options
from leanfeed.cli.command import LeanfeedCommand
from leanfeed.cli.completion import complete_sources
from leanfeed.cli.exit_codes import ExitCode, of_report
from leanfeed.cli.request_options import config_option, json_option
from leanfeed.cli.running import running

if TYPE_CHECKING:
    from leanfeed.audits.repair_report import RepairReport

__all__ = ["repair"]

_EXAMPLES = """\b
Examples:
  leanfeed repair --dry-run
  leanfeed repair SPY --resolution minute --sweep

\b
Exit codes:
  0    nothing is damaged any more
  1    something unexpected, or the disk refused
  2    the command line is wrong
  4    the configuration is wrong, there is no such folder, or a provider refused the key
  5    something is damaged still, because a provider's quota or a time limit is spent
  6    something is damaged still; with --dry-run, something is damaged
  7    something is damaged still, because no source could be reached
  130  interrupted (143 by SIGTERM); what was written stays
"""


@click.command(cls=LeanfeedCommand, epilog=_EXAMPLES)
@scope_options
@click.option(
    "--sources",
    multiple=True,
    metavar="NAMES",
    shell_complete=complete_sources,
    help="Sources to ask, in this order, with commas. [default: the configuration's]",
)
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option(
    "--strict",
    is_flag=True,
    help="Fetch again also what is suspicious: changed, thin, with a jump, empty against evidence.",
)
@click.option("--sweep", is_flag=True, help="Remove temporary files of runs that were killed.")
@config_option
@json_option
@click.pass_context
def repair(
    context: click.Context,
    /,
    *,
    sources: tuple[str, ...],
    dry_run: bool,
    strict: bool,
    sweep: bool,
    config: Path | None,
    as_json: bool,
    verbose: bool,
    **scope: Any,
) -> None:
    """Fetch again what is damaged, and nothing else.

    The old file stays until the new one is safe. Without symbols everything is checked and mended.

    SYMBOL is a ticker, several with commas, @FILE for a list in a file, or - for standard input.
    """
    from leanfeed.audits.repair import repair

    with running(is_shown=not verbose) as how:
        report = repair(
            **audited(scope),
            sources=",".join(sources) or None,
            config=config,
            strict=strict,
            sweep=sweep,
            dry_run=dry_run,
            **how,
        )
    click.echo(report.to_json() if as_json else report)
    context.exit(_code(report))


def _code(report: RepairReport) -> ExitCode:
    """As a run would end, where its sources are all that stands in the way."""
    if report.ok:
        return ExitCode.COMPLETE
    codes = () if report.hopeless else {of_report(run) for run in report.runs}
    reasons = [ExitCode.CONFIGURATION, ExitCode.RATE_LIMITED]
    if not report.fetched:
        reasons.append(ExitCode.UNAVAILABLE)
    return next((code for code in reasons if code in codes), ExitCode.DAMAGED)
