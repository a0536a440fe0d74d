"""Reads all layers and makes the settings of them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from leanfeed.config.core import CORE, expanded, variable
from leanfeed.config.settings import Settings
from leanfeed.config.switches import changed_chain, read_switches
from leanfeed.config.toml_file import TomlFile, find_toml, read_toml
from leanfeed.config.value import ARGUMENT, DEFAULT, Value
from leanfeed.errors import ConfigurationError
from leanfeed.lean import lean_json
from leanfeed.secret import Concealed, without_frames

__all__ = ["load"]

_KINDS = ("source", "planner", "writer")
#: In a file they are relative to it.
_FOLDERS = ("data_folder", "record", "replay")


def load(
    *,
    config: str | os.PathLike[str] | None = None,
    arguments: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Settings:
    """Read all layers; nothing is written.

    Args:
        config: a toml file; else the variable ``LEANFEED_CONFIG``; else the nearest
            ``leanfeed.toml``, or ``pyproject.toml`` with a table ``[tool.leanfeed]``, upward.
        arguments: what the caller asked for; None counts as not given.
        environment: ``os.environ`` unless given.
        folder: where the search upward starts; the working folder unless given.

    Raises:
        ConfigurationError: a file cannot be read, or holds something unknown.
    """
    environment = Concealed(os.environ if environment is None else environment)
    try:
        return _load(config, arguments or {}, environment, folder or _working_folder())
    except ConfigurationError as error:
        # Variables of the frames below hold the text of the files, keys included.
        failed = without_frames(error)
    raise failed


def _load(
    config: str | os.PathLike[str] | None,
    arguments: Mapping[str, Any],
    environment: Mapping[str, str],
    folder: Path,
) -> Settings:
    config = config or environment.get("LEANFEED_CONFIG") or None
    toml = read_toml(expanded("The configuration", config)) if config else find_toml(folder)
    lean_path, lean_values = _lean_json(folder)
    values = _layered(toml, lean_path, lean_values, arguments, environment)
    parsed = {
        name: CORE[name].parse(f"`{name}` ({value.origin})", value.value)
        for name, value in values.items()
    }
    origins = {name: value.origin for name, value in values.items()}
    switches = read_switches(environment)
    parsed["sources"], changed_by = changed_chain(parsed["sources"], switches)
    if changed_by:
        origins["sources"] += f", changed by {' and '.join(changed_by)}"
    return Settings(
        **parsed,
        origins=origins,
        switches=switches,
        toml_path=toml.path,
        lean_json_path=lean_path,
        tables=Concealed({kind: _concealed(toml.tables.get(kind, {})) for kind in _KINDS}),
        environment=environment,
        lean_json=Concealed(lean_values),
    )


def _layered(
    toml: TomlFile,
    lean_path: Path | None,
    lean_values: Mapping[str, object],
    arguments: Mapping[str, Any],
    environment: Mapping[str, str],
) -> dict[str, Value]:
    """Each of the core's settings from the highest layer that has it."""
    layers = {name: Value(setting.default, DEFAULT) for name, setting in CORE.items()}
    lean_folder = lean_json.data_folder(lean_path, lean_values) if lean_path else None
    if lean_folder is not None:
        layers["data_folder"] = Value(lean_folder, "lean.json")
    for name, value in toml.values.items():
        layers[name] = Value(value, toml.path.name if toml.path else "")
    for name in _FOLDERS:
        if toml.path and toml.values.get(name, "") != "":
            given = expanded(f"`{name}` ({toml.path.name})", toml.values[name])
            layers[name] = Value(toml.path.parent / given, toml.path.name)
    for name in CORE:
        text = environment.get(variable(name), "")
        if text.strip():
            layers[name] = Value(text, f"environment {variable(name)}")
        if arguments.get(name) is not None:
            layers[name] = Value(arguments[name], ARGUMENT)
    return layers


def _lean_json(folder: Path) -> tuple[Path | None, dict[str, object]]:
    try:
        path = lean_json.find(folder)
    except OSError as error:
        raise ConfigurationError(
            f"lean.json cannot be looked for above {folder} ({error.strerror}): check the "
            "permissions of the folders."
        ) from None
    return path, lean_json.read(path) if path else {}


def _concealed(tables: Mapping[str, Any]) -> Concealed[Any]:
    return Concealed({name: Concealed(table) for name, table in tables.items()})


def _working_folder() -> Path:
    try:
        return Path.cwd()
    except OSError as error:
        raise ConfigurationError(
            f"The working folder cannot be used ({error.strerror}): change to another one."
        ) from None
