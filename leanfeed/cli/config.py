"""``leanfeed config``: what is configured, and where it comes from."""

from __future__ import annotations

import json
import sys
from contextlib import redirect_stdout
from typing import Any

import click

from leanfeed.cli.command import LeanfeedCommand
from leanfeed.cli.exit_codes import ExitCode
from leanfeed.cli.request_options import json_option
from leanfeed.cli.settings_options import settings_options

__all__ = ["config"]

_EXAMPLE = """\b
Example:
  leanfeed config show
"""

_SHOW_EXAMPLE = """\b
Example:
  leanfeed config show --json

\b
Exit codes:
  0    the configuration is shown
  4    it cannot be read, names what is not installed, or has a value that a plugin refuses
"""


@click.group(epilog=_EXAMPLE)
def config() -> None:
    """Look at the configuration."""


@config.command(cls=LeanfeedCommand, epilog=_SHOW_EXAMPLE)
@settings_options
@json_option
@click.pass_context
def show(context: click.Context, /, *, as_json: bool, verbose: bool, **given: Any) -> None:
    """Show every setting, its value and where it comes from.

    The first of these that has a setting wins: the options of the command, the environment, the
    toml file, lean.json, the default. Secrets are shown as ***.
    """
    from leanfeed.overview import overview

    with redirect_stdout(sys.stderr):  # what a plugin prints is not a setting
        found = overview(**given)
    click.echo(json.dumps(found.to_dict(), indent=2) if as_json else found)
    for name, text in found.problems.items():
        click.echo(f"✗ [{name}] {text}", err=True)
    context.exit(ExitCode.CONFIGURATION if found.problems else ExitCode.COMPLETE)
