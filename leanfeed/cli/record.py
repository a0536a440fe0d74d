"""``leanfeed record``: keep what the sources answer."""

from __future__ import annotations

from pathlib import Path

import click

from leanfeed.cli.wrapped import WRAPPING, run_ensure, wrapped_argument

__all__ = ["record"]

_EXAMPLES = """\b
Examples:
  leanfeed record recording -- ensure SPY --resolution minute --start 2024-01-02 --data-folder new
  leanfeed replay recording -- ensure SPY --resolution minute --start 2024-01-02 --data-folder new2

\b
Exit codes: those of `leanfeed ensure`, and
  1    the disk refused the recording
  4    FOLDER is something else than a recording
"""


@click.command(context_settings=WRAPPING, epilog=_EXAMPLES)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@wrapped_argument
@click.pass_context
def record(context: click.Context, folder: Path, command: tuple[str, ...]) -> None:
    """Run `ensure`, and keep what the sources answer.

    FOLDER gets it as text without secrets, failures included; a recording that is there is added
    to. What is on disk is asked of nobody: use a new data folder to record all of it.
    """
    try:
        run_ensure(context, command, record=folder)
    except click.exceptions.Exit as ended:
        if not ended.exit_code and not (folder / "calls").is_dir():
            click.echo("Nothing was recorded: nobody had to be asked.", err=True)
        raise
