"""What the shell offers to complete where click cannot know: lists with commas."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

__all__ = ["complete_resolutions", "complete_sources"]

_RESOLUTIONS = ("daily", "hour", "minute", "second")


def complete_resolutions(
    _context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """The resolutions that are not in the list yet."""
    return _next_of(_RESOLUTIONS, incomplete)


def complete_sources(
    _context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """The installed sources that are not in the list yet; none when a plugin is in the way."""
    from leanfeed.errors import ConfigurationError
    from leanfeed.registry import installed

    try:
        return _next_of(sorted(installed().sources), incomplete)
    except ConfigurationError:
        return []


def _next_of(words: Iterable[str], incomplete: str) -> list[CompletionItem]:
    """What may stand after the last comma; shells want the whole list again."""
    from click.shell_completion import CompletionItem  # late: only the shell wants it

    before, comma, last = incomplete.rpartition(",")
    given = {word.strip().lower() for word in before.split(",")}
    return [
        CompletionItem(f"{before}{comma}{word}")
        for word in words
        if word.startswith(last.lower()) and word not in given
    ]
