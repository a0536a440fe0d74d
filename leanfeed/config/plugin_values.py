"""What each layer says about the settings of one plugin."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from attrs import NOTHING, Attribute, Factory, field, fields, frozen, has

from leanfeed.config.core import variable
from leanfeed.config.toml_file import closest
from leanfeed.config.value import DEFAULT, Value
from leanfeed.errors import ConfigurationError
from leanfeed.secret import Secret

__all__ = ["Layers", "default_values", "variables"]

_LONGEST_SECRET = 10_000
#: What stands in examples and templates instead of a key.
_PLACEHOLDER = r"(?i)[<{\[$]*your[-_ ].*|change[-_ ]?me|\*+|x{3,}|\.{3,}|…"
#: Settings of a factory that declares nothing, but whose name says that nobody is to see them.
_SECRET_NAME = r"(?i)key|token|secret|passw|credential"


@frozen
class Layers:
    """Where the settings of one source, planner or writer may come from."""

    kind: str
    name: str
    environment: Mapping[str, str] = field(repr=False)
    #: Its table in the toml file.
    table: Mapping[str, Any] = field(repr=False)
    #: The name of that file.
    toml: str
    lean_json: Mapping[str, object] = field(repr=False)
    #: Settings of leanfeed itself.
    core: Mapping[str, Value]

    def values(self, factory: Callable[..., Any]) -> dict[str, Value]:
        """The settings that somebody has given, secrets in a :class:`~leanfeed.Secret`.

        Raises:
            ConfigurationError: a setting is unknown, or a secret cannot be one.
        """
        known = _declared(factory)
        if known is None:
            return {key: Value(_guarded(key, self.table[key]), self.toml) for key in self.table}
        for key in self.table:
            if key not in known:
                raise ConfigurationError(
                    f"{self.toml}: the {self.kind} {self.name!r} has no setting "
                    f"{key!r}{closest(key, known)}"
                )
        found = {key: next(self._given(key, known[key]), None) for key in known}
        return {
            key: _as_secret(key, value) if known[key].metadata.get("secret") else value
            for key, value in found.items()
            if value is not None
        }

    def _given(self, key: str, attribute: Attribute[Any]) -> Iterator[Value]:
        """What the layers have, the highest first; blank is as good as nothing."""
        for name in _variables(self.name, key, attribute):
            if self.environment.get(name, "").strip():
                yield Value(self.environment[name], f"environment {name}")
        if key in self.table:
            yield Value(self.table[key], self.toml)
        for of_lean in attribute.metadata.get("lean_json", ()):
            if self.lean_json.get(of_lean) not in (None, ""):
                yield Value(self.lean_json[of_lean], "lean.json")
        of_core = attribute.metadata.get("core", "")
        if of_core in self.core:
            yield self.core[of_core]


def default_values(factory: Callable[..., Any]) -> dict[str, Value]:
    """What holds when nobody says otherwise."""
    declared = _declared(factory) or {}
    return {key: Value(_default(attribute), DEFAULT) for key, attribute in declared.items()}


def variables(name: str, factory: Callable[..., Any]) -> tuple[str, ...]:
    """Every environment variable that a source, planner or writer called `name` reads."""
    declared = _declared(factory) or {}
    return tuple(v for key, a in declared.items() for v in _variables(name, key, a))


def _variables(name: str, key: str, attribute: Attribute[Any]) -> tuple[str, ...]:
    return variable(name, key), *attribute.metadata.get("env", ())


def _declared(factory: Callable[..., Any]) -> dict[str, Attribute[Any]] | None:
    """The settings by keyword; None when the factory does not say which it has."""
    if not (isinstance(factory, type) and has(factory)):
        return None
    return {a.alias or a.name: a for a in fields(factory) if a.init}


def _default(attribute: Attribute[Any]) -> Any:
    default: Any = attribute.default
    if isinstance(default, Factory):  # type: ignore[arg-type]
        default = None if default.takes_self else default.factory()
    if default is NOTHING:
        default = None
    return Secret(default or "") if attribute.metadata.get("secret") else default


def _guarded(key: str, value: object) -> object:
    return Secret(value) if isinstance(value, str) and re.search(_SECRET_NAME, key) else value


def _as_secret(key: str, value: Value) -> Value:
    text = value.value
    if not isinstance(text, str):
        problem = "is not text: put it in quotes"
    elif len(text) > _LONGEST_SECRET:
        problem = "is far too long: copy it again"
    elif not text.strip().isprintable():
        problem = "holds line breaks or control characters: copy it again"
    elif re.fullmatch(_PLACEHOLDER, text.strip()):
        problem = "is a placeholder: put the real one in its place"
    else:
        return Value(Secret(text.strip()), value.origin)
    raise ConfigurationError(f"The setting {key} ({value.origin}) {problem}.")
