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


#: What other programs call it.
_ALSO = {
    "download": "ensure",
    "fetch": "ensure",
    "check": "audit",
    "verify": "audit",
    "status": "coverage",
    "list": "coverage",
}


class _Commands(click.Group):
    """The commands; a name that is none of them gets a suggestion."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """See :class:`click.Group`."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from difflib import get_close_matches

            name = args[0]
            meant = _ALSO.get(name) or next(iter(get_close_matches(name, self.commands)), None)
            if meant is None:
                raise
            raise click.UsageError(f"{error.message} Did you mean {meant!r}?", ctx) from None


@click.group(
    cls=_Commands,
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
