"""Everything that is looked at, in order."""

from __future__ import annotations

import datetime as dt
import os
import platform
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

from attrs import evolve

from leanfeed import config as configuration, configured, registry
from leanfeed.clock import now
from leanfeed.config import Settings
from leanfeed.doctor import (
    data_folder as folders,
    environment as variables,
    sources as installed_sources,
)
from leanfeed.doctor.check import Check
from leanfeed.errors import ConfigurationError
from leanfeed.interfaces import DataSource
from leanfeed.redaction import Redactor
from leanfeed.secret import Secret

__all__ = ["examine"]

_LONGEST_TEXT = 600
#: How far the clock may lie before the newest file of leanfeed itself.
_TOLERANCE = dt.timedelta(days=1)


def examine(
    *,
    data_folder: str | os.PathLike[str] | None = None,
    sources: str | Sequence[str | DataSource] | None = None,
    config: str | os.PathLike[str] | None = None,
    limit: float = 10.0,
) -> Iterator[Check]:
    """Yield what is found, thing by thing; the arguments are those of :func:`leanfeed.ensure`.

    Writes nothing and sends no request of its own; a source may, see
    :class:`~leanfeed.interfaces.Examining`. Raises nothing: what fails is a check that is not well.

    Args:
        data_folder: the folder to look at.
        sources: the chain.
        config: a toml file.
        limit: seconds after which a source that is silent is given up.
    """
    python = f"Python {platform.python_version()} on {platform.system()}"
    yield Check("leanfeed", "version", True, f"leanfeed {version('leanfeed')}, {python}")
    yield _clock()
    try:
        arguments = {"data_folder": data_folder, "sources": sources}
        settings = configuration.load(config=config, arguments=arguments)
        found = registry.installed()
    except ConfigurationError as error:
        yield _shown(Check("leanfeed", "configuration", False, str(error)), Redactor())
        return
    redacted = Redactor(_secrets(settings))
    for check in _with_settings(settings, found, limit):
        yield _shown(check, redacted)


def _with_settings(settings: Settings, found: registry.Registry, limit: float) -> Iterator[Check]:
    files = [str(path) for path in (settings.toml_path, settings.lean_json_path) if path]
    files += [f"{v.origin} is {v.value}" for v in settings.switches.values() if not v.value]
    text = "; ".join(files) or "no leanfeed.toml and no lean.json: the defaults hold"
    yield _tried("configuration", text, lambda: configured.check(settings))
    yield from variables.look_at(os.environ, found)
    yield _tried("planner", settings.planner, lambda: configured.planner(settings))
    yield _tried("writer", settings.writer, lambda: configured.writer(settings))
    yield from folders.look_at(settings.data_folder)
    needed = configured.needed(settings)
    for broken in found.broken:
        text = f"{broken.distribution} {broken.version} failed to load: {broken.reason}"
        yield Check(broken.plugin, "plugin", False, text, is_needed=broken.plugin in needed)
    yield from installed_sources.look_at(settings, limit=limit)


def _clock() -> Check:
    """Without asking anybody, only a clock that was set back shows."""
    instant = now()
    text = f"{instant:%Y-%m-%d %H:%M} UTC"
    made = dt.datetime.fromtimestamp(Path(__file__).stat().st_mtime, dt.UTC)
    if instant < made - _TOLERANCE:
        return Check("leanfeed", "clock", False, f"{text} lies in the past: set the clock.")
    return Check("leanfeed", "clock", True, text)


def _tried(topic: str, text: str, attempt: Callable[[], object]) -> Check:
    try:
        attempt()
    except ConfigurationError as error:
        return Check("leanfeed", topic, False, str(error))
    return Check("leanfeed", topic, True, text)


def _secrets(settings: Settings) -> Iterator[Secret]:
    """Those of every installed source: each is examined, not only the chain."""
    for offer in registry.installed().sources.values():
        with suppress(ConfigurationError):
            yield from settings.secrets("source", offer.name, offer.factory)


def _shown(check: Check, redacted: Redactor) -> Check:
    """On one line, without secrets and control characters, and not endless."""
    text = " ".join(redacted(str(check.text)).split())
    text = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
    if len(text) > _LONGEST_TEXT:
        text = f"{text[: _LONGEST_TEXT - 1]}…"
    return evolve(check, text=text)
