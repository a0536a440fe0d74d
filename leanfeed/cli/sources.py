"""``leanfeed sources``: what is installed that can be asked."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path

import click

from leanfeed.cli.command import LeanfeedCommand
from leanfeed.cli.request_options import config_option, json_option

__all__ = ["sources"]

_HEADINGS = ("source", "from", "plugin", "state")

_EXAMPLE = """\b
Example:
  leanfeed sources --json

\b
Exit codes:
  0    the list is shown, whatever is ready
  4    the configuration cannot be read, or two plugins offer one name
"""


@click.command(cls=LeanfeedCommand, epilog=_EXAMPLE)
@config_option
@json_option
def sources(*, config: Path | None, as_json: bool, verbose: bool) -> None:
    """List the installed sources, and which are ready.

    On a terminal this is a table; in a pipe the columns are separated by tabs. With --verbose,
    standard error says what failed to load, and why.
    """
    from attrs import asdict

    from leanfeed import inventory

    found = inventory.installed_sources(config)
    if verbose:
        for plugin in inventory.failed_plugins():
            click.echo(plugin, err=True)
    if as_json:
        click.echo(json.dumps([asdict(source) for source in found], indent=2))
        return
    rows = [
        (s.name, f"{s.distribution} {s.version}", s.plugin, "ready" if s.usable else s.reason)
        for s in found
    ]
    if sys.stdout.isatty():
        _print_table(rows)
        return
    for row in (_HEADINGS, *rows):
        click.echo("\t".join(row))


def _print_table(rows: Iterable[tuple[str, ...]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*_HEADINGS, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*map(Text, row))  # Text: a reason may hold what rich takes for markup
    Console().print(table)
