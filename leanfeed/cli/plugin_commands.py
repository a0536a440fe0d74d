"""Commands that plugins add: entry points of the group ``leanfeed.commands``, each a click command.

They are looked up when help lists the commands, or when a name is none of leanfeed's own: no
plugin can take the place of a command of leanfeed.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import click

from leanfeed.entry_points import EntryPoint, entry_points

__all__ = ["load", "offered", "summaries"]

_GROUP = "leanfeed.commands"
_LONGEST = 60


@cache
def offered() -> Mapping[str, EntryPoint]:
    """What is installed, by name; nothing is loaded."""
    return {entry_point.name: entry_point for entry_point in entry_points(_GROUP)}


def load(name: str, entry_point: EntryPoint) -> click.Command:
    """The command; where its plugin fails, one that says so."""
    try:
        command = entry_point.load()
        if not isinstance(command, click.Command):
            raise TypeError(f"{entry_point.value} is no click command")
    except (Exception, SystemExit) as error:  # a stranger's import may fail in any way
        return _broken(name, entry_point, f"{type(error).__name__}: {error}")
    return command


def summaries() -> Mapping[str, str]:
    """What each says of itself in a line."""
    return {
        name: load(name, entry_point).get_short_help_str(_LONGEST)
        for name, entry_point in offered().items()
    }


def _broken(name: str, entry_point: EntryPoint, reason: str) -> click.Command:
    said = " ".join(reason.split())[:200]

    def fail() -> None:
        raise click.ClickException(
            f"The command {name!r} of {entry_point.distribution} failed to load: {said}. "
            "Uninstall it, or install it anew."
        )

    return click.Command(
        name,
        callback=fail,
        context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
        short_help="It failed to load.",
        add_help_option=False,
    )
