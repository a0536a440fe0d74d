"""``leanfeed replay``: answers from a recording."""

from __future__ import annotations

from pathlib import Path

import click

from leanfeed.cli.wrapped import WRAPPING, run_ensure, wrapped_argument

__all__ = ["replay"]

_EXAMPLES = """\b
Example:
  leanfeed replay recording -- ensure SPY --resolution minute --start 2024-01-02 --data-folder new

\b
Exit codes: those of `leanfeed ensure`, and
  4    there is no recording in FOLDER, or it has nothing of the sources named with --sources
  7    nothing of what is missing was recorded
"""


@click.command(context_settings=WRAPPING, epilog=_EXAMPLES)
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@wrapped_argument
@click.pass_context
def replay(context: click.Context, folder: Path, command: tuple[str, ...]) -> None:
    """Run `ensure` with answers from a recording.

    FOLDER is one that `leanfeed record` made. No source is asked and no key is needed; each failure
    that was recorded happens again.
    """
    run_ensure(context, command, replay=folder)
