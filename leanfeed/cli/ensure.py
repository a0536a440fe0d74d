"""``leanfeed ensure``: fetch what is missing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from leanfeed.cli.command import LeanfeedCommand
from leanfeed.cli.exit_codes import of_report
from leanfeed.cli.lean_run import exit_code, fill, lean_run_option
from leanfeed.cli.request_options import given, request_options
from leanfeed.cli.running import output_options, running, tell_failures, tell_surroundings

if TYPE_CHECKING:
    from leanfeed.backtest import FillReport
    from leanfeed.report import Report

__all__ = ["ensure"]

_EXAMPLES = """\b
Examples:
  leanfeed ensure SPY AAPL --resolution minute --start 2024-01-02 --end 2024-01-05
  leanfeed ensure SPY,AAPL --resolution hour,daily --start 20240102 --data-folder data --json
  leanfeed ensure @universe.txt --resolution daily --start 2020-01-02
  leanfeed ensure --from-lean-run "my project/backtests"

\b
Exit codes:
  0    everything is there
  1    something unexpected, or the disk refused
  2    the command line is wrong
  3    some sessions are still missing
  4    the configuration or a key is wrong
  5    a rate limit or a time limit ended the run
  7    no source could be reached
  130  interrupted (143 by SIGTERM); what was written stays
"""


@click.command(cls=LeanfeedCommand, epilog=_EXAMPLES)
@request_options
@lean_run_option
@click.option("--dry-run", is_flag=True, help="Report what is missing, and fetch nothing.")
@output_options
@click.pass_context
def ensure(
    context: click.Context,
    /,
    *,
    dry_run: bool,
    as_json: bool,
    quiet: bool,
    verbose: bool,
    log_format: str | None,
    from_lean_run: Path | None,
    **request: Any,
) -> None:
    """Fetch the sessions that are missing, and only those.

    Sessions that are on disk are left alone, so the same command run again asks for nothing.

    SYMBOL is a ticker, several with commas, @FILE for a list in a file, or - for standard input.
    """
    from leanfeed import pipeline

    if not (as_json or quiet):
        tell_surroundings(request)
    is_shown = not (quiet or verbose or log_format)
    with running(is_shown=is_shown, as_json=as_json) as how:
        how |= context.obj or {}  # record and replay
        result: Report | FillReport
        report: Report | None
        if from_lean_run is None:
            result = report = pipeline.ensure(**given(request), **how, dry_run=dry_run)
            code = of_report(report)
        else:
            result = fill(from_lean_run, given(request), **how, dry_run=dry_run)
            report, code = result.report, exit_code(result)
    if as_json:
        click.echo(result.to_json())
    elif not quiet:
        click.echo(result)
    if report is not None and not dry_run:
        tell_failures(report, is_shown=not (as_json or quiet))
    context.exit(code)
