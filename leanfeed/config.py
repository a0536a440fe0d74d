"""Settings in layers: argument > environment > toml > lean.json > default.

The command line hands its options over as arguments. Every value remembers its origin.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from attrs import Attribute, field, fields, frozen, has

from leanfeed.errors import ConfigurationError, LeanfeedError
from leanfeed.interfaces import DataSource
from leanfeed.lean import lean_json
from leanfeed.values import Hours

__all__ = ["Settings", "Value", "load"]

Product = TypeVar("Product")

_DEFAULTS: Mapping[str, Any] = {
    "data_folder": "data",
    "sources": ("polygon",),
    "planner": "calendar",
    "writer": "lean",
    "session": Hours.EXTENDED.value,
    "silence_limit": 600.0,
    "lock_limit": 600.0,
}
#: What a toml file may hold: a table for each source; the planner and the writer are tables too.
_KEYS = (*_DEFAULTS, "source")


@frozen
class Value:
    """One setting's value and where it came from."""

    value: Any
    origin: str
    secret: bool = False

    def __str__(self) -> str:
        return "***" if self.secret and self.value else str(self.value)


@frozen
class Settings:
    """Everything that was configured: the core's settings, and tables for what plugins bring."""

    data_folder: Path
    #: The chain, in the order in which the sources are asked: names, or ready sources.
    sources: tuple[str | DataSource, ...]
    planner: str
    writer: str
    #: Which part of a session is stored at minute and second resolution.
    session: Hours
    #: Seconds that a source may take without delivering or announcing anything.
    silence_limit: float
    #: Seconds to wait for another run that is fetching the same series.
    lock_limit: float
    #: Origin of each setting above, by name.
    origins: Mapping[str, str]
    #: The tables of the toml file by kind and name, as in ``tables["source"]["polygon"]``.
    tables: Mapping[str, Mapping[str, Mapping[str, Any]]] = field(factory=dict, repr=False)
    _toml: str = ""
    _environment: Mapping[str, str] = field(factory=dict, repr=False)
    _lean_json: Mapping[str, object] = field(factory=dict, repr=False)

    def build(self, kind: str, name: str, factory: Callable[..., Product]) -> Product:
        """Make the source, planner or writer `name` with its settings.

        Raises:
            ConfigurationError: a setting is unknown or has an impossible value.
        """
        values = self.values(kind, name, factory)
        try:
            return factory(**{key: value.value for key, value in values.items()})
        except Exception as error:
            given = ", ".join(f"{key} from {v.origin}" for key, v in values.items()) or "none"
            # The text of an error that is not leanfeed's may quote a secret.
            known = isinstance(error, LeanfeedError)
            what = str(error) if known else f"It raised {type(error).__name__}."
            raise ConfigurationError(
                f"The {kind} {name!r} does not accept its settings. {what} Given: {given}."
            ) from None

    def values(self, kind: str, name: str, factory: Callable[..., Any]) -> dict[str, Value]:
        """The settings of one source, planner or writer that differ from its defaults."""
        table = self.tables.get(kind, {}).get(name, {})
        if not (isinstance(factory, type) and has(factory)):
            return {key: Value(value, self._toml) for key, value in table.items()}
        known = {attribute.name: attribute for attribute in fields(factory) if attribute.init}
        for key in table:
            if key not in known:
                advice = _closest(key, known)
                raise ConfigurationError(
                    f"{self._toml}: the {kind} {name!r} has no setting {key!r}{advice}"
                )
        found = {key: self._find(name, table, attribute) for key, attribute in known.items()}
        return {key: value for key, value in found.items() if value is not None}

    def _find(self, name: str, table: Mapping[str, Any], attribute: Attribute[Any]) -> Value | None:
        """The value of one setting from the highest layer that has it."""
        secret = bool(attribute.metadata.get("secret"))
        own = f"LEANFEED_{name}_{attribute.name}".upper().replace("-", "_")
        for variable in (own, *attribute.metadata.get("env", ())):
            if self._environment.get(variable):
                return Value(self._environment[variable], f"environment {variable}", secret)
        if attribute.name in table:
            return Value(table[attribute.name], self._toml, secret)
        key = attribute.metadata.get("lean_json")
        if key and self._lean_json.get(key):
            return Value(self._lean_json[key], "lean.json", secret)
        return None


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
    environment = os.environ if environment is None else environment
    folder = folder or _working_folder()
    config = config or environment.get("LEANFEED_CONFIG") or None
    toml_path, toml = _read_toml(Path(config)) if config else _find_toml(folder)
    lean_path = lean_json.find(folder)
    lean_values = lean_json.read(lean_path) if lean_path else {}
    lean_folder = lean_json.data_folder(lean_path, lean_values) if lean_path else None
    tables = _tables(toml)
    if toml_path and "data_folder" in toml:
        toml["data_folder"] = toml_path.parent / _expanded(toml["data_folder"])
    layers: list[tuple[str, Mapping[str, Any]]] = [
        ("argument", {k: v for k, v in (arguments or {}).items() if v is not None}),
        ("environment", _from_environment(environment)),
        (toml_path.name if toml_path else "", toml),
        ("lean.json", {"data_folder": lean_folder} if lean_folder else {}),
        ("default", _DEFAULTS),
    ]
    values, origins = {}, {}
    for name in _DEFAULTS:
        origins[name], layer = next((o, layer) for o, layer in layers if name in layer)
        values[name] = layer[name]
    return Settings(
        data_folder=_expanded(values["data_folder"]),
        sources=_sources(values["sources"]),
        planner=str(values["planner"]),
        writer=str(values["writer"]),
        session=_hours(values["session"]),
        silence_limit=_seconds("silence_limit", values["silence_limit"]),
        lock_limit=_seconds("lock_limit", values["lock_limit"]),
        origins=origins,
        tables=tables,
        toml=toml_path.name if toml_path else "",
        environment=environment,
        lean_json=lean_values,
    )


def _from_environment(environment: Mapping[str, str]) -> dict[str, str]:
    named = {name: environment.get(f"LEANFEED_{name.upper()}") for name in _DEFAULTS}
    return {name: value for name, value in named.items() if value}


def _find_toml(folder: Path) -> tuple[Path | None, dict[str, Any]]:
    for parent in (folder, *folder.parents):
        if (parent / "leanfeed.toml").is_file():
            return _read_toml(parent / "leanfeed.toml")
        if (parent / "pyproject.toml").is_file():
            path, values = _read_toml(parent / "pyproject.toml")
            if values:
                return path, values
    return None, {}


def _read_toml(path: Path) -> tuple[Path, dict[str, Any]]:
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ConfigurationError(
            f"The configuration {path} cannot be read: {error.strerror}; check the path."
        ) from error
    except ValueError as error:
        raise ConfigurationError(f"The configuration {path} is not TOML: {error}.") from error
    if path.name == "pyproject.toml":
        tools = values.get("tool", {})
        values = tools.get("leanfeed", {}) if isinstance(tools, dict) else {}
        if not isinstance(values, dict):
            raise ConfigurationError(f"{path}: `tool.leanfeed` is no table; write [tool.leanfeed].")
    for key in values:
        if key not in _KEYS:
            raise ConfigurationError(f"{path}: {key!r} is unknown{_closest(key, _KEYS)}")
    sources = values.get("source", {})
    tables = sources.values() if isinstance(sources, Mapping) else [sources]
    if not all(isinstance(table, Mapping) for table in tables):
        raise ConfigurationError(
            f"{path}: [source] needs a table for each source, such as [source.polygon]."
        )
    return path, values


def _tables(toml: dict[str, Any]) -> dict[str, dict[str, dict[str, Any]]]:
    """The settings of sources, planner and writer; their names stay behind in `toml`."""
    tables = {"source": toml.pop("source", {})}
    for kind in ("planner", "writer"):
        table = toml.get(kind)
        if isinstance(table, Mapping):
            settings = dict(table)
            toml[kind] = settings.pop("name", _DEFAULTS[kind])
            tables[kind] = {toml[kind]: settings}
    return tables


def _working_folder() -> Path:
    try:
        return Path.cwd()
    except OSError as error:
        raise ConfigurationError(
            f"The working folder cannot be used ({error.strerror}): change to another one."
        ) from None


def _expanded(folder: Any) -> Path:
    """A path with ``~`` for the user's home, where there is one."""
    if not str(folder).strip() or "\0" in str(folder):
        raise ConfigurationError(f"{str(folder)[:40]!r} is not a data folder: name a folder.")
    try:
        return Path(folder).expanduser()
    except RuntimeError:
        return Path(folder)


def _closest(key: str, known: Any) -> str:
    close = difflib.get_close_matches(key, list(known), n=1)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; known are {', '.join(known)}." if known else "."


def _sources(value: Any) -> tuple[str | DataSource, ...]:
    """The chain from a list, or from text with commas."""
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, (list, tuple)):
        raise ConfigurationError(f"`sources` is {value!r}: use a list of names.")
    chain: list[str | DataSource] = []
    for part in parts:
        source = part.strip() if isinstance(part, str) else part
        if not isinstance(source, str) and not hasattr(source, "fetch"):
            raise ConfigurationError(f"`sources` holds {source!r}: use the name of a source.")
        if source and source not in chain:
            chain.append(source)
    if not chain:
        raise ConfigurationError("`sources` is empty: name at least one source.")
    return tuple(chain)


def _seconds(name: str, value: Any) -> float:
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        seconds = -1.0
    if not 0 <= seconds <= 1e6:
        raise ConfigurationError(f"`{name}` is {value!r}: use a number of seconds, such as 600.")
    return seconds


def _hours(value: Any) -> Hours:
    try:
        return Hours(value)
    except ValueError:
        raise ConfigurationError(
            f"`session` is {value!r}: use {' or '.join(repr(h.value) for h in Hours)}."
        ) from None
