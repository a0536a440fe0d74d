"""``leanfeed ensure``: fetch what is missing."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager, nullcontext, redirect_stdout
from typing import TYPE_CHECKING, Any

import click

from leanfeed.cli.command import LeanfeedCommand
from leanfeed.cli.exit_codes import of_report
from leanfeed.cli.lean_run import exit_code, fill, lean_run_option
from leanfeed.cli.request_options import given, json_option, request_options
from leanfeed.cli.signals import cancelled_by_signals

if TYPE_CHECKING:
    from pathlib import Path

    from leanfeed.backtest import FillReport
    from leanfeed.events import Listener
    from leanfeed.report import Report

__all__ = ["ensure"]

_EXAMPLES = """\b
Examples:
  leanfeed ensure SPY AAPL --resolution minute --start 2024-01-02 --end 2024-01-05
  leanfeed ensure SPY,AAPL --resolution hour,daily --start 20240102 --data-folder data --json
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
@json_option
@click.option(
    "--log-format",
    type=click.Choice(["text", "json"]),
    help="Log the run to standard error, as text or as one JSON object a line. With -v also every "
    "request and session.",
)
@click.option("-q", "--quiet", is_flag=True, help="Print no progress and no report, only errors.")
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
    """
    from leanfeed import pipeline

    with (
        cancelled_by_signals() as cancel,
        _listener(is_shown=not (quiet or verbose or log_format)) as progress,
        redirect_stdout(sys.stderr),  # what a plugin prints is not the report
    ):
        how: dict[str, Any] = {"progress": progress, "cancel": cancel, "dry_run": dry_run}
        result: Report | FillReport
        report: Report | None
        if from_lean_run is None:
            result = report = pipeline.ensure(**given(request), **how)
            code = of_report(report)
        else:
            result = fill(from_lean_run, given(request), **how)
            report, code = result.report, exit_code(result)
    if as_json:
        click.echo(result.to_json())
    elif not quiet:
        click.echo(result)
    if report is not None and not dry_run:
        _tell_failures(report, is_shown=not (as_json or quiet))
    context.exit(code)


def _listener(*, is_shown: bool) -> AbstractContextManager[Listener | None]:
    """A bar, for a terminal that shows nothing else, or nothing."""
    if not is_shown or sys.stderr is None or not sys.stderr.isatty():
        return nullcontext()
    from leanfeed.cli.progress import ProgressBar

    return ProgressBar()


def _tell_failures(report: Report, *, is_shown: bool) -> None:
    """Put on standard error why sessions are missing, or which source was of no use.

    Not where the report on the same terminal has said it.
    """
    if report.complete and not is_shown:
        return
    if is_shown and sys.stdout.isatty() and sys.stderr.isatty():
        return
    kind = "Warning" if report.complete else "Error"
    for failure in report.failures:
        click.echo(f"{kind}: {failure.source}: {failure.message}", err=True)
    if not report.complete and not report.failures:
        from leanfeed.report_text import verdict

        click.echo(f"Error: {verdict(report)}: the report says why.", err=True)
