"""The command line: a click group of light modules, which import leanfeed only when they run."""

from __future__ import annotations

import click

from leanfeed.cli import (
    apply,
    audit,
    bench,
    config,
    coverage,
    doctor,
    ensure,
    plan,
    record,
    repair,
    replay,
    sources,
    why,
)

__all__ = ["cli", "main"]

_EXAMPLE = """\b
Example:
  leanfeed ensure SPY AAPL --resolution minute --start 2024-01-02 --end 2024-01-05

Run "leanfeed COMMAND -h" to read about one command.
"""


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=_EXAMPLE,
)
@click.version_option(package_name="leanfeed", message="%(prog)s %(version)s")
def cli() -> None:
    """Fill a QuantConnect LEAN data folder with the trading sessions that are missing."""


cli.add_command(ensure.ensure)
cli.add_command(plan.plan)
cli.add_command(apply.apply)
cli.add_command(coverage.coverage)
cli.add_command(why.why)
cli.add_command(audit.audit)
cli.add_command(repair.repair)
cli.add_command(record.record)
cli.add_command(replay.replay)
cli.add_command(sources.sources)
cli.add_command(config.config)
cli.add_command(doctor.doctor)
cli.add_command(bench.bench)


def main() -> None:
    """Run the command that the arguments of this process name, and exit with its code."""
    cli(prog_name="leanfeed")
