"""Which sources are installed, where each comes from, and whether it can be used as it is."""

from __future__ import annotations

import os

from attrs import frozen

from leanfeed import config as configuration, registry
from leanfeed.errors import ConfigurationError
from leanfeed.interfaces import DataSource, Diagnosing

__all__ = ["Installed", "failed_plugins", "installed_sources"]


@frozen
class Installed:
    """One source, or a plugin that failed to load."""

    name: str
    plugin: str
    distribution: str
    version: str
    usable: bool
    #: What is wrong and what to do about it; empty when usable.
    reason: str = ""


def installed_sources(config: str | os.PathLike[str] | None = None) -> tuple[Installed, ...]:
    """Every source by name, then the plugins that failed to load. Asks no provider.

    Raises:
        ConfigurationError: the configuration cannot be read, or two plugins offer one name.
    """
    settings = configuration.load(config=config)
    found = registry.installed()
    sources = []
    for name, offer in sorted(found.sources.items()):
        reason = _problem(settings, offer)
        sources.append(
            Installed(name, offer.plugin, offer.distribution, offer.version, not reason, reason)
        )
    broken = [
        Installed(b.plugin, b.plugin, b.distribution, b.version, False, b.reason)
        for b in found.broken
    ]
    return (*sources, *broken)


def failed_plugins() -> tuple[str, ...]:
    """A sentence about each plugin that failed to load: which it is, and why.

    Raises:
        ConfigurationError: two plugins offer one name.
    """
    return tuple(
        f"The plugin {b.plugin} of {b.distribution} {b.version} failed to load: {b.reason}"
        for b in registry.installed().broken
    )


def _problem(settings: configuration.Settings, offer: registry.Offer[DataSource]) -> str:
    try:
        source = settings.build("source", offer.name, offer.factory)
        return (source.diagnose() or "") if isinstance(source, Diagnosing) else ""
    except ConfigurationError as error:
        return str(error)
    except (Exception, SystemExit) as error:  # a stranger's plugin may fail in any way
        return f"it raised {type(error).__name__}"
