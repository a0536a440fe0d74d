"""``leanfeed plan``: what is missing, without asking anybody for it."""

from __future__ import annotations

from typing import Any

import click

from leanfeed.cli.command import LeanfeedCommand
from leanfeed.cli.request_options import given, json_option, request_options

__all__ = ["plan"]

_EXAMPLE = """\b
Example:
  leanfeed plan SPY --resolution minute,daily --start 2024-01-02 --end 2024-01-05

\b
Exit codes:
  0    the plan is made, whatever is missing
  2    the command line is wrong
  4    the configuration is wrong
"""


@click.command(cls=LeanfeedCommand, epilog=_EXAMPLE)
@request_options
@json_option
def plan(*, as_json: bool, verbose: bool, **request: Any) -> None:
    """Say what is missing, and fetch nothing.

    Session by session and source by source. No file is written and no provider is asked.
    """
    from leanfeed import pipeline

    result = pipeline.plan(**given(request))
    click.echo(result.to_json() if as_json else result)
