"""Everything that was configured, and how a plugin gets its own part of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from attrs import field, frozen, has

from leanfeed.config.plugin_values import Layers, default_values
from leanfeed.config.value import ARGUMENT, DEFAULT, Value
from leanfeed.errors import ConfigurationError, LeanfeedError
from leanfeed.interfaces import DataSource
from leanfeed.redaction import Redactor
from leanfeed.secret import Secret, without_frames
from leanfeed.values import Hours

__all__ = ["Settings"]

Product = TypeVar("Product")


@frozen
class Settings:
    """Everything that was configured: the core's settings, and tables for what plugins bring.

    It can hold secrets: no `repr` shows them, and it is not pickled.
    """

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
    #: The recording to which the answers of the sources are added; None: they are not recorded.
    record: Path | None
    #: The recording that answers in the place of every source; None: the sources are asked.
    replay: Path | None
    #: Origin of each setting above, by name.
    origins: Mapping[str, str]
    #: What operators have switched, by the name of the environment variable.
    switches: Mapping[str, Value]
    #: The files that were read; None: there is none.
    toml_path: Path | None
    lean_json_path: Path | None
    #: The tables of the toml file by kind and name, as in ``tables["source"]["polygon"]``.
    tables: Mapping[str, Mapping[str, Mapping[str, Any]]] = field(repr=False)
    _environment: Mapping[str, str] = field(repr=False)
    _lean_json: Mapping[str, object] = field(repr=False)

    @property
    def is_default_chain(self) -> bool:
        """Nobody has named the sources, so that one which cannot work is not missed."""
        return self.origins["sources"] == DEFAULT

    def values(self, kind: str, name: str, factory: Callable[..., Any]) -> dict[str, Value]:
        """The settings that somebody has given to one source, planner or writer.

        Those that its attrs class declares; of any other factory, what its table holds. Secrets
        are in a :class:`~leanfeed.Secret`.

        Raises:
            ConfigurationError: a setting is unknown, or a secret cannot be one.
        """
        layers = Layers(
            kind,
            name,
            environment=self._environment,
            table=self.tables.get(kind, {}).get(name, {}),
            toml=self.toml_path.name if self.toml_path else "",
            lean_json=self._lean_json,
            core={"data_folder": Value(self.data_folder, self.origins["data_folder"])},
        )
        try:
            return layers.values(factory)
        except ConfigurationError as error:
            failed = without_frames(error)
        raise failed

    def all_values(self, kind: str, name: str, factory: Callable[..., Any]) -> dict[str, Value]:
        """Every setting of one source, planner or writer: those of :meth:`values`, and defaults.

        Raises:
            ConfigurationError: as :meth:`values`.
        """
        return default_values(factory) | self.values(kind, name, factory)

    def secrets(self, kind: str, name: str, factory: Callable[..., Any]) -> tuple[Secret, ...]:
        """The secrets that one source, planner or writer gets.

        Raises:
            ConfigurationError: as :meth:`values`.
        """
        return _secrets(self.values(kind, name, factory))

    def build(
        self, kind: str, name: str, factory: Callable[..., Product], **decided: Any
    ) -> Product:
        """Make the source, planner or writer `name` with its own settings, and no others.

        What is `decided` already goes before what somebody has configured.

        Raises:
            ConfigurationError: a setting is unknown or has an impossible value.
        """
        values = self.values(kind, name, factory)
        values |= {key: Value(value, ARGUMENT) for key, value in decided.items()}
        keep = isinstance(factory, type) and has(factory)
        try:
            return factory(**{k: v.value if keep else _plain(v) for k, v in values.items()})
        except (Exception, SystemExit) as error:
            # The text of an error that is not leanfeed's may quote anything.
            known = isinstance(error, LeanfeedError)
            problem = str(error) if known else f"It raised {type(error).__name__}."
        # Out here, so that the plugin's frames stay behind: their variables may hold a secret.
        problem = Redactor(_secrets(values))(problem)
        given = ", ".join(f"{key} from {v.origin}" for key, v in values.items()) or "none"
        raise ConfigurationError(
            f"The {kind} {name!r} does not accept its settings. {problem} Given: {given}."
        )


def _secrets(values: Mapping[str, Value]) -> tuple[Secret, ...]:
    return tuple(v.value for v in values.values() if isinstance(v.value, Secret))


def _plain(value: Value) -> Any:
    """What a factory gets that has not declared which of its settings are secret."""
    return value.value.reveal() if isinstance(value.value, Secret) else value.value
