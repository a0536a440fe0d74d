"""The command line: a click group whose commands are imported when they are asked for."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import cast

import click

from leanfeed import __version__

__all__ = ["COMMANDS", "cli", "main"]

_EXAMPLE = """\b
Example:
  leanfeed ensure SPY AAPL --resolution minute --start 2024-01-02 --end 2024-01-05

Run "leanfeed COMMAND -h" to read about one command.
"""

#: Each is in the module of its name; with its summary, so that the list imports none of them.
COMMANDS: Mapping[str, str] = {
    "apply": "Fetch what a plan says is missing, and nothing else.",
    "audit": "Check every file of the data folder.",
    "bench": "Measure Polygon's own API against the Lean CLI.",
    "config": "Look at the configuration.",
    "coverage": "Show which sessions are on disk.",
    "doctor": "Look at everything that a run needs.",
    "ensure": "Fetch the sessions that are missing, and only those.",
    "plan": "Say what is missing, and fetch nothing.",
    "record": "Run `ensure`, and keep what the sources answer.",
    "repair": "Fetch again what is damaged, and nothing else.",
    "replay": "Run `ensure` with answers from a recording.",
    "sources": "List the installed sources, and which are ready.",
    "why": "Say who gave a session, or why it is missing.",
}

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

    def list_commands(self, ctx: click.Context) -> list[str]:
        """See :class:`click.Group`."""
        from leanfeed.cli.plugin_commands import offered

        return sorted({*COMMANDS, *offered()})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """See :class:`click.Group`."""
        if cmd_name not in COMMANDS:
            from leanfeed.cli.plugin_commands import load, offered

            return load(cmd_name, offered()[cmd_name]) if cmd_name in offered() else None
        module = importlib.import_module(f"leanfeed.cli.{cmd_name}")
        return cast("click.Command", getattr(module, cmd_name))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """See :class:`click.Group`."""
        from leanfeed.cli.plugin_commands import summaries

        with formatter.section("Commands"):
            formatter.write_dl(sorted({**summaries(), **COMMANDS}.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """See :class:`click.Group`."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from difflib import get_close_matches

            name = args[0]
            meant = _ALSO.get(name) or next(iter(get_close_matches(name, COMMANDS)), None)
            if meant is None:
                raise
            raise click.UsageError(f"{error.message} Did you mean {meant!r}?", ctx) from None


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=_EXAMPLE,
)
@click.version_option(__version__, message="%(prog)s %(version)s")
def cli() -> None:
    """Fill a QuantConnect LEAN data folder with the trading sessions that are missing."""


def main() -> None:
    """Run the command that the arguments of this process name, and exit with its code."""
    cli(prog_name="leanfeed")
