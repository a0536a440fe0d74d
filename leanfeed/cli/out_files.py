"""Files that an option asks for."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["OUT_FILE", "in_a_folder", "store"]

OUT_FILE = click.Path(dir_okay=False, path_type=Path)


def in_a_folder(
    _context: click.Context, _parameter: click.Parameter, path: Path | None
) -> Path | None:
    """A file whose folder is there: else the time that its content took would be lost."""
    if path is not None and not path.absolute().parent.is_dir():
        raise click.BadParameter(f"There is no folder {path.parent}: make it first.")
    return path


def store(path: Path, text: str) -> None:
    """Write the file.

    Raises:
        WriteError: the system refuses.
    """
    from leanfeed.errors import WriteError

    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise WriteError(f"{path} cannot be written ({error.strerror}): name another.") from error
