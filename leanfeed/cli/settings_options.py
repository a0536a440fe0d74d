"""The options of commands that look at the configuration."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

from leanfeed.cli.completion import complete_sources
from leanfeed.cli.request_options import config_option

__all__ = ["settings_options"]

Decorated = TypeVar("Decorated", bound=Callable[..., object])

_OPTIONS = (
    click.option(
        "--data-folder",
        metavar="FOLDER",
        type=click.Path(path_type=Path),
        help="LEAN's data folder, as for `leanfeed ensure`.",
    ),
    click.option(
        "--sources",
        metavar="NAMES",
        shell_complete=complete_sources,
        help="The chain, with commas, as for `leanfeed ensure`.",
    ),
    config_option,
)


def settings_options(command: Decorated) -> Decorated:
    """Give a command what `leanfeed ensure` has to change the configuration for one call."""
    for decorate in reversed(_OPTIONS):
        command = decorate(command)
    return command
