"""What the configuration names, found among what is installed.

Every function raises :class:`~leanfeed.errors.ConfigurationError` for a name that nothing has, a
plugin that failed to load, or settings that a plugin does not accept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leanfeed import registry
from leanfeed.config import Settings
from leanfeed.config.value import ARGUMENT
from leanfeed.errors import ConfigurationError, SourceError
from leanfeed.interfaces import DataSource, Diagnosing, GapPlanner, LeanWriter
from leanfeed.redaction import secrets_in
from leanfeed.registry import Offer
from leanfeed.secret import Secret

if TYPE_CHECKING:
    from leanfeed.chain import NamedSource

__all__ = [
    "chain",
    "check",
    "names",
    "needed",
    "offers",
    "planner",
    "secrets",
    "source",
    "strangers",
    "writer",
]

#: The source that reads recordings: a plugin like any other.
_REPLAY = "replay"


def check(settings: Settings) -> None:
    """Look up every name in the configuration; nothing is made."""
    for _ in offers(settings):
        pass
    for name in settings.tables["source"]:
        _source(name)


def strangers(settings: Settings) -> dict[str, str]:
    """Why a table of the toml file is for no source, by the name of the table."""
    found = {}
    for name in settings.tables["source"]:
        try:
            _source(name)
        except ConfigurationError as error:
            found[name] = str(error)
    return found


def chain(settings: Settings) -> tuple[NamedSource, ...]:
    """The sources in order, ready to be asked.

    With a recording to be replayed, what it holds of each of them in its place. Where nobody has
    named them, those after the first are left out that are not installed, or say that they cannot
    work: they are a help for who has them.
    """
    from leanfeed.chain import NamedSource  # late: a folder that lacks nothing needs no source

    if settings.replay is not None:
        return tuple(
            NamedSource(name, _recorded(settings, settings.replay, name))
            for name in names(settings)
        )
    sources = [
        NamedSource(one, source(settings, one))
        if isinstance(one, str)
        else NamedSource(type(one).__name__, one)
        for one in _expected(settings)
    ]
    if not settings.is_default_chain:
        return tuple(sources)
    return (sources[0], *(named for named in sources[1:] if not _cannot_work(named.source)))


def names(settings: Settings) -> tuple[str, ...]:
    """The names of the chain, without making any source."""
    if settings.replay is not None:
        return _replayed(settings, settings.replay)
    return _named(_expected(settings))


def source(settings: Settings, name: str) -> DataSource:
    """One installed source, made with its settings, whether it is in the chain or not."""
    return settings.build("source", name, _source(name).factory)


def planner(settings: Settings) -> GapPlanner:
    """The planner, made with its settings."""
    offer = _planner(settings)
    return settings.build("planner", offer.name, offer.factory)


def writer(settings: Settings) -> LeanWriter:
    """The writer, made with its settings."""
    offer = _writer(settings)
    return settings.build("writer", offer.name, offer.factory)


def needed(settings: Settings) -> tuple[str, ...]:
    """The sources without which the chain is not what somebody wanted."""
    wanted = settings.sources[:1] if settings.is_default_chain else settings.sources
    return _named(wanted)


def offers(settings: Settings) -> Iterator[tuple[str, Offer[Any]]]:
    """Everything a run uses that is known by name, each with its kind: ``source``, ``planner``…"""
    sources = _expected(settings) if settings.replay is None else (_REPLAY,)
    for one in sources:
        if isinstance(one, str):
            yield "source", _source(one)
    yield "planner", _planner(settings)
    yield "writer", _writer(settings)


def secrets(settings: Settings) -> tuple[Secret, ...]:
    """The secrets that anybody gets in a run."""
    ready = secrets_in(*(one for one in settings.sources if not isinstance(one, str)))
    named = (settings.secrets(kind, offer.name, offer.factory) for kind, offer in offers(settings))
    return tuple(dict.fromkeys((*ready, *(secret for found in named for secret in found))))


def _named(sources: Sequence[str | DataSource]) -> tuple[str, ...]:
    return tuple(one if isinstance(one, str) else type(one).__name__ for one in sources)


def _replayed(settings: Settings, folder: Path) -> tuple[str, ...]:
    """The sources of a recording; where the caller names sources, only those."""
    recorded = _sources_of(folder) or (_REPLAY,)
    if settings.origins["sources"] != ARGUMENT:
        return recorded
    asked = tuple(name for name in _named(settings.sources) if name in recorded)
    if not asked:
        raise ConfigurationError(
            f"The recording {folder} has nothing of {', '.join(_named(settings.sources))}: it is "
            f"of {', '.join(recorded)}."
        )
    return asked


def _sources_of(recording: Path) -> tuple[str, ...]:
    from leanfeed.recording.about import load_about

    try:
        return load_about(recording).sources
    except SourceError as error:
        raise ConfigurationError(f"Nothing can be replayed. {error}") from error


def _recorded(settings: Settings, folder: Path, name: str) -> DataSource:
    """What a recording holds of one source; all of it, where it does not name its sources."""
    offer = _source(_REPLAY)
    whose = name if name in _sources_of(folder) else ""
    return settings.build("source", _REPLAY, offer.factory, folder=folder, source=whose)


def _expected(settings: Settings) -> tuple[str | DataSource, ...]:
    """The chain, without what nobody has named and nobody has installed."""
    if not settings.is_default_chain:
        return settings.sources
    first, *others = settings.sources
    return (first, *(name for name in others if name in registry.installed().sources))


def _cannot_work(ready: DataSource) -> bool:
    try:
        return isinstance(ready, Diagnosing) and bool(ready.diagnose())
    except Exception:  # a stranger's plugin may fail in any way, and is named when it is asked
        return False


def _source(name: str) -> Offer[DataSource]:
    installed = registry.installed()
    return registry.choose("source", name, installed.sources, installed.broken)


def _planner(settings: Settings) -> Offer[GapPlanner]:
    installed = registry.installed()
    return registry.choose("planner", settings.planner, installed.planners, installed.broken)


def _writer(settings: Settings) -> Offer[LeanWriter]:
    installed = registry.installed()
    return registry.choose("writer", settings.writer, installed.writers, installed.broken)
