"""LEAN's ``lean.json``: JSON with comments, found, read and never written."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

from leanfeed.errors import ConfigurationError

__all__ = ["data_folder", "find", "read", "without_comments"]

#: Bytes. LEAN's own template has 39 kB.
_SIZE_LIMIT = 1_000_000
# Possessive and atomic, so that a comment is never given back to look for a bracket inside it.
_TOKEN = r"""(?xs)
      (?P<string> " (?: [^"\\\n]++ | \\. )*+ " )
    | // [^\n]*+
    | /\* .*? \*/
    | , (?= (?: \s++ | // [^\n]*+ | (?> /\* .*? \*/ ) )*+ [}\]] )
"""


def find(start: Path) -> Path | None:
    """The nearest ``lean.json``, in the folder or in one above it: where the Lean CLI looks."""
    folder = start.absolute()
    paths = (parent / "lean.json" for parent in (folder, *folder.parents))
    return next((path for path in paths if path.is_file()), None)


def read(path: Path) -> dict[str, object]:
    """The settings of a ``lean.json``; of a key that is there twice, the last.

    Comments, trailing commas and a byte order mark are tolerated. The file holds keys and
    passwords: no message repeats any of its values.

    Raises:
        ConfigurationError: the file cannot be read, is larger than 1 MB, or is not a JSON object.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_SIZE_LIMIT + 1)
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be read ({error.strerror}): check the path and its permissions."
        ) from None
    if len(content) > _SIZE_LIMIT:
        raise ConfigurationError(f"{path} is larger than 1 MB: name a lean.json.")
    try:
        values = json.loads(without_comments(content.decode("utf-8-sig")))
    except json.JSONDecodeError as error:
        raise _damaged(path, error.lineno, f"is not JSON ({error.msg})") from None
    except UnicodeDecodeError as error:
        raise _damaged(path, content.count(b"\n", 0, error.start) + 1, "is not UTF-8") from None
    except (ValueError, RecursionError):
        raise _damaged(path, 1, "starts JSON too deep or with too long a number") from None
    if not isinstance(values, dict):
        raise _damaged(path, 1, "does not start a JSON object")
    return values


def data_folder(path: Path, values: Mapping[str, object]) -> Path | None:
    """The data folder that the ``lean.json`` at `path` names, relative to its own folder.

    None when it names none; LEAN's template ships some settings as empty text.

    Raises:
        ConfigurationError: the setting is not text.
    """
    folder = values.get("data-folder")
    if folder is None or folder == "":
        return None
    if not isinstance(folder, str):
        raise ConfigurationError(f"data-folder in {path} is not text: name a folder.")
    return path.parent / folder


def without_comments(text: str) -> str:
    """The text with comments and trailing commas blanked: lines and columns stay where they are."""
    return re.sub(_TOKEN, _blank, text)


def _blank(token: re.Match[str]) -> str:
    return token["string"] or re.sub(r"[^\n]", " ", token[0])


def _damaged(path: Path, line: int, problem: str) -> ConfigurationError:
    return ConfigurationError(f"{path}, line {line}, {problem}: repair the file.")
