"""``leanfeed apply``: fetch what a saved plan says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from leanfeed.cli.command import LeanfeedCommand
from leanfeed.cli.exit_codes import of_report
from leanfeed.cli.request_options import config_option
from leanfeed.cli.running import output_options, running, tell_failures

if TYPE_CHECKING:
    from leanfeed.plans import Plan

__all__ = ["apply"]

_EXAMPLES = """\b
Examples:
  leanfeed plan SPY --resolution minute --start 2024-01-02 --out plan.json
  leanfeed apply plan.json

\b
Exit codes:
  0    everything in the plan is there
  1    something unexpected, or the disk refused
  2    the command line is wrong, or the plan is not for this folder, version and week
  3    some sessions are still missing
  4    the configuration or a key is wrong
  5    a rate limit or a time limit ended the run
  7    no source could be reached
  130  interrupted (143 by SIGTERM); what was written stays
"""


@click.command(cls=LeanfeedCommand, epilog=_EXAMPLES)
@click.argument("file", metavar="PLAN", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--data-folder",
    metavar="FOLDER",
    type=click.Path(file_okay=False, path_type=Path),
    help="The data folder that the plan has to be for. [default: that of the plan]",
)
@config_option
@output_options
@click.pass_context
def apply(
    context: click.Context,
    /,
    *,
    file: Path,
    data_folder: Path | None,
    config: Path | None,
    as_json: bool,
    quiet: bool,
    verbose: bool,
    log_format: str | None,
) -> None:
    """Fetch what a plan says is missing, and nothing else.

    PLAN is a file that `leanfeed plan --out` has saved, at most seven days ago. The data folder is
    looked at again first, so that nothing is fetched twice. The sources of the plan are asked, in
    its order.
    """
    from leanfeed.applying import apply

    plan = _read(file)
    is_shown = not (quiet or verbose or log_format)
    with running(is_shown=is_shown, as_json=as_json) as how:
        report = apply(plan, data_folder=data_folder, config=config, **how)
    if as_json:
        click.echo(report.to_json())
    elif not quiet:
        click.echo(report)
    tell_failures(report, is_shown=not (as_json or quiet))
    context.exit(of_report(report))


def _read(file: Path) -> Plan:
    from leanfeed.errors import InvalidRequestError
    from leanfeed.plans import Plan

    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise InvalidRequestError(
            f"The plan {file} cannot be read ({reason}): name what `leanfeed plan --out` saved."
        ) from None
    return Plan.from_json(text)
