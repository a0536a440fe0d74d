"""Commands that stand before another one: ``leanfeed record FOLDER -- ensure …``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click

from leanfeed.cli.ensure import ensure

__all__ = ["WRAPPING", "run_ensure", "wrapped_argument"]

#: What follows the folder belongs to the other command, with or without ``--`` before it.
WRAPPING: Mapping[str, Any] = {"allow_interspersed_args": False}

wrapped_argument = click.argument(
    "command", nargs=-1, type=click.UNPROCESSED, required=True, metavar="-- ensure ..."
)


def run_ensure(context: click.Context, command: Sequence[str], **how: Any) -> None:
    """Run ``ensure`` as it was typed, with more arguments for :func:`leanfeed.ensure`.

    Ends as ``ensure`` does.
    """
    words = list(command[1:] if command[0] == "--" else command)
    if words[:1] != [ensure.name]:
        raise click.UsageError(f"{' '.join(words[:1])!r} cannot follow: use `ensure`.", context)
    with ensure.make_context(ensure.name, words[1:], parent=context, obj=how) as inner:
        ensure.invoke(inner)
