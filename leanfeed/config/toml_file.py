"""The toml file: found, read once, and checked for words that nobody knows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from attrs import field, frozen

from leanfeed.config.core import CORE
from leanfeed.errors import ConfigurationError

__all__ = ["TomlFile", "closest", "find_toml", "read_toml"]

_SIZE_LIMIT = 1_000_000
#: A table for each source; planner and writer are tables as well as names.
_KEYS = (*CORE, "source")


@frozen
class TomlFile:
    """What a file says; without a path there is none."""

    path: Path | None = None
    #: The core's settings, by name.
    values: Mapping[str, Any] = field(factory=dict, repr=False)
    #: The settings of plugins by kind and name, as in ``tables["source"]["polygon"]``.
    tables: Mapping[str, Mapping[str, Any]] = field(factory=dict, repr=False)


def find_toml(folder: Path) -> TomlFile:
    """The nearest ``leanfeed.toml``, or ``pyproject.toml`` with ``[tool.leanfeed]``, upward.

    Raises:
        ConfigurationError: it cannot be read, or holds something unknown.
    """
    for parent in (folder, *folder.parents):
        if _is_file(parent / "leanfeed.toml"):
            return read_toml(parent / "leanfeed.toml")
        if _is_file(parent / "pyproject.toml"):
            found = read_toml(parent / "pyproject.toml")
            if found.values or found.tables:
                return found
    return TomlFile()


def read_toml(path: Path) -> TomlFile:
    """Read one file, or the table ``[tool.leanfeed]`` of a ``pyproject.toml``.

    Raises:
        ConfigurationError: it cannot be read, or holds something unknown.
    """
    values = _parsed(path)
    if path.name == "pyproject.toml":
        tools = values.get("tool", {})
        values = tools.get("leanfeed", {}) if isinstance(tools, dict) else {}
        if not isinstance(values, dict):
            raise ConfigurationError(f"{path}: `tool.leanfeed` is no table; write [tool.leanfeed].")
    for key in values:
        if key not in _KEYS:
            raise ConfigurationError(f"{path}: {key!r} is unknown{closest(key, _KEYS)}")
    tables = {"source": values.pop("source", {})} if "source" in values else {}
    for sources in tables.values():
        named = sources.values() if isinstance(sources, dict) else [sources]
        if not all(isinstance(table, dict) for table in named):
            raise ConfigurationError(
                f"{path}: [source] needs a table for each source, such as [source.polygon]."
            )
    for kind in ("planner", "writer"):
        table = values.get(kind)
        if isinstance(table, dict):
            del values[kind]
            if "name" in table:
                values[kind] = table.pop("name")
            tables[kind] = {str(values.get(kind, CORE[kind].default)): table}
    return TomlFile(path, values, tables)


def closest(key: str, known: Iterable[str]) -> str:
    """The end of a message about a word that is not among the known ones."""
    known = list(known)
    from difflib import get_close_matches

    if close := get_close_matches(key, known, n=1):
        return f"; did you mean {close[0]!r}?"
    return f"; known are {', '.join(known)}." if known else "."


def _parsed(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            content = file.read(_SIZE_LIMIT + 1)
    except OSError as error:
        raise ConfigurationError(
            f"The configuration {path} cannot be read: {error.strerror}; check the path."
        ) from None
    except ValueError:  # a NUL in the name
        raise ConfigurationError(
            f"The configuration {str(path)!r} cannot be read: check the path."
        ) from None
    if len(content) > _SIZE_LIMIT:
        raise ConfigurationError(f"The configuration {path} is larger than 1 MB: name another.")
    import tomllib  # late: often there is no file

    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        reason = "it is not UTF-8"
    except RecursionError:
        reason = "it is nested too deep"
    except ValueError as error:
        reason = str(error)
    raise ConfigurationError(f"The configuration {path} is not TOML: {reason}; correct it.")


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a folder above that may not be searched
        return False
