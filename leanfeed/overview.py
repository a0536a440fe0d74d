"""The configuration as it is in force: every value, where it came from, and no secret."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import frozen

from leanfeed import config as configuration, configured
from leanfeed.config import Value
from leanfeed.config.core import CORE
from leanfeed.errors import ConfigurationError
from leanfeed.interfaces import DataSource
from leanfeed.redaction import Redactor

__all__ = ["Overview", "overview"]


@frozen
class Overview:
    """What ``leanfeed config show`` shows. Values are plain JSON, secrets ``***``."""

    #: The files that were read; None: there is none.
    toml: Path | None
    lean_json: Path | None
    #: The operator's switches, by the name of the environment variable.
    switches: Mapping[str, Value]
    #: leanfeed's own settings, by name.
    settings: Mapping[str, Value]
    #: Those of the sources of the chain, the planner and the writer, by ``kind.name`` and name.
    plugins: Mapping[str, Mapping[str, Value]]
    #: Why a run would be refused: what a plugin does not accept, or a table for a source that is
    #: not installed, by ``kind.name``.
    problems: Mapping[str, str]

    def to_dict(self) -> dict[str, Any]:
        """The same as plain JSON values."""
        return {
            "files": {"toml": _path(self.toml), "lean.json": _path(self.lean_json)},
            "switches": _values(self.switches),
            "settings": _values(self.settings),
            "plugins": {name: _values(values) for name, values in self.plugins.items()},
            "problems": [f"[{name}] {text}" for name, text in self.problems.items()],
        }

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield "[files]"
        yield f"  leanfeed.toml = {_path(self.toml) or 'none'}"
        yield f"  lean.json = {_path(self.lean_json) or 'none'}"
        groups = {"switches": self.switches, "settings": self.settings, **self.plugins}
        for name, values in groups.items():
            yield f"[{name}]"
            yield from (f"  {key} = {_text(v.value)}  ({v.origin})" for key, v in values.items())


def overview(
    *,
    data_folder: str | os.PathLike[str] | None = None,
    sources: str | Sequence[str | DataSource] | None = None,
    session: str | None = None,
    config: str | os.PathLike[str] | None = None,
) -> Overview:
    """Say what is configured; the arguments are those of :func:`leanfeed.ensure`.

    Every plugin of a run is made, to see whether it accepts its settings. Nothing is written and
    nobody is asked.

    Raises:
        ConfigurationError: the settings cannot be read, or name what is not installed.
    """
    arguments = {"data_folder": data_folder, "sources": sources, "session": session}
    settings = configuration.load(config=config, arguments=arguments)
    # What is a secret of one plugin is not shown as another's plain setting either.
    redacted = Redactor(configured.secrets(settings))

    def shown(values: Mapping[str, Value]) -> dict[str, Value]:
        return {key: Value(_json(v.value, redacted), v.origin) for key, v in values.items()}

    plugins = {}
    strangers = configured.strangers(settings)
    problems = {f"source.{name}": redacted(text) for name, text in strangers.items()}
    for kind, offer in configured.offers(settings):
        values = settings.all_values(kind, offer.name, offer.factory)
        try:
            made = settings.build(kind, offer.name, offer.factory)
        except ConfigurationError as error:
            problems[f"{kind}.{offer.name}"] = redacted(str(error))
        else:
            values = {key: _understood(value, key, made) for key, value in values.items()}
        plugins[f"{kind}.{offer.name}"] = shown(values)
    core = {name: Value(getattr(settings, name), settings.origins[name]) for name in CORE}
    return Overview(
        toml=settings.toml_path,
        lean_json=settings.lean_json_path,
        switches=settings.switches,
        settings=shown(core),
        plugins=plugins,
        problems=problems,
    )


def _understood(value: Value, key: str, made: object) -> Value:
    """A number from the environment, where it is text, as the plugin made a number of it."""
    is_text = value.origin.startswith("environment ")
    number = getattr(made, key, None) if is_text else None
    return Value(number, value.origin) if isinstance(number, bool | int | float) else value


def _json(value: object, redacted: Redactor) -> Any:
    """A value as JSON has it; what JSON does not have, as text."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, list | tuple):
        return [_json(item, redacted) for item in value]
    if isinstance(value, Mapping):
        return {str(key): _json(item, redacted) for key, item in value.items()}
    return redacted(type(value).__name__ if hasattr(value, "fetch") else str(value))


def _values(values: Mapping[str, Value]) -> dict[str, dict[str, Any]]:
    return {name: {"value": v.value, "origin": v.origin} for name, v in values.items()}


def _path(path: Path | None) -> str | None:
    return None if path is None else str(path)


def _text(value: object) -> str:
    """As in toml, more or less; on one line, whatever it holds."""
    return json.dumps(value, ensure_ascii=False)
