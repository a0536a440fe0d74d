"""``leanfeed config``: what is configured, and where it comes from."""

from __future__ import annotations

import json
from typing import Any

import click

from leanfeed.cli.command import LeanfeedCommand
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
  4    it cannot be read, or names what is not installed
"""


@click.group(epilog=_EXAMPLE)
def config() -> None:
    """Look at the configuration."""


@config.command(cls=LeanfeedCommand, epilog=_SHOW_EXAMPLE)
@settings_options
@json_option
def show(*, as_json: bool, verbose: bool, **given: Any) -> None:
    """Show every setting, its value and where it comes from.

    The first of these that has a setting wins: the options of the command, the environment, the
    toml file, lean.json, the default. Secrets are shown as ***.
    """
    from leanfeed.overview import overview

    found = overview(**given)
    click.echo(json.dumps(found.to_dict(), indent=2) if as_json else found)
