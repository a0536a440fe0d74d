"""Finds plugins and offers by name what they bring: the only module that runs a PluginManager."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, Generic, TypeVar

import pluggy
from attrs import evolve, field, frozen

from leanfeed import __version__, hookspecs
from leanfeed.entry_points import entry_points, imported
from leanfeed.errors import ConfigurationError
from leanfeed.interfaces import DataSource, GapPlanner, LeanWriter

__all__ = ["Broken", "Offer", "Registry", "choose", "installed"]

Product = TypeVar("Product", covariant=True)


@frozen
class Offer(Generic[Product]):
    """What one plugin offers under one name."""

    name: str
    #: The factory, or where it can be imported.
    offered: Callable[..., Product] | str = field(repr=False)
    plugin: str
    distribution: str
    version: str

    @property
    def factory(self) -> Callable[..., Product]:
        """What makes it.

        Raises:
            ConfigurationError: it cannot be imported.
        """
        if not isinstance(self.offered, str):
            return self.offered
        try:
            factory: Callable[..., Product] = imported(self.offered)
            if not callable(factory):
                raise TypeError(f"{self.offered} is no factory")
        except (Exception, SystemExit) as error:  # a stranger's import may fail in any way
            raise _failed(self.plugin, _reason(error)) from error
        return factory


@frozen
class Broken:
    """A plugin that could not be loaded. Fatal only to those who name it."""

    plugin: str
    distribution: str
    version: str
    reason: str


@frozen
class Registry:
    """Everything that is installed, by name."""

    sources: Mapping[str, Offer[DataSource]]
    planners: Mapping[str, Offer[GapPlanner]]
    writers: Mapping[str, Offer[LeanWriter]]
    broken: tuple[Broken, ...] = ()


def choose(
    what: str,
    name: str,
    offers: Mapping[str, Offer[Product]],
    broken: Iterable[Broken] = (),
) -> Offer[Product]:
    """The offer of that name; `what` is the word for it in the message.

    Raises:
        ConfigurationError: nothing has that name, or the plugin of that name failed to load.
    """
    if name in offers:
        offer = offers[name]
        return evolve(offer, offered=offer.factory)
    failed = {plugin.plugin: plugin.reason for plugin in broken}
    if name in failed:
        raise _failed(name, failed[name])
    from difflib import get_close_matches  # late: only for who errs

    close = get_close_matches(name, offers, n=1)
    advice = f"did you mean {close[0]!r}?" if close else f"installed are {', '.join(offers)}."
    if failed:
        advice += f" Plugins that failed to load: {', '.join(failed)}."
    raise ConfigurationError(f"There is no {what} named {name!r}: {advice}")


@cache
def installed() -> Registry:
    """The default plugins and every distribution with an entry point in the group ``leanfeed``.

    Plugins are loaded one by one, once per process; one that fails does not stop the others.

    Raises:
        ConfigurationError: two plugins offer the same name.
    """
    from leanfeed import default_plugins

    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    manager.register(default_plugins, "default")
    origins = {"default": ("leanfeed", __version__)}
    broken: list[Broken] = []
    for entry_point in entry_points(hookspecs.PROJECT):
        name = entry_point.name
        origin = (entry_point.distribution, entry_point.version)
        if name in origins:
            reason = f"{origins[name][0]} already has a plugin of this name; uninstall one."
            broken.append(Broken(name, *origin, reason))
            continue
        try:
            manager.register(entry_point.load(), name)
            manager.check_pending()  # a misspelt hook would be passed over in silence
        except (Exception, SystemExit) as error:  # a stranger's import may fail in any way
            if manager.has_plugin(name):
                manager.unregister(name=name)
            broken.append(Broken(name, *origin, _reason(error)))
        else:
            origins[name] = origin
    hook = manager.hook
    return Registry(
        sources=_collect("source", hook.leanfeed_data_sources, origins, broken),
        planners=_collect("planner", hook.leanfeed_gap_planners, origins, broken),
        writers=_collect("writer", hook.leanfeed_lean_writers, origins, broken),
        broken=tuple(broken),
    )


def _failed(plugin: str, reason: str) -> ConfigurationError:
    return ConfigurationError(f"The plugin {plugin!r} failed to load: {reason}")


def _reason(error: BaseException) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"


def _collect(
    what: str,
    hook: pluggy.HookCaller,
    origins: Mapping[str, tuple[str, str]],
    broken: list[Broken],
) -> dict[str, Offer[Any]]:
    """Ask each plugin by itself, in order of registration, so that a culprit has a name."""
    offers: dict[str, Offer[Any]] = {}
    for implementation in hook.get_hookimpls():
        plugin = implementation.plugin_name
        origin = origins[plugin]
        try:
            offer: Callable[[], Any] = implementation.function
            factories = dict(offer())
            if not all(isinstance(n, str) and _is_factory(f) for n, f in factories.items()):
                raise TypeError(
                    f"{implementation.function.__name__} must return names and factories"
                )
        except (Exception, SystemExit) as error:  # a stranger's hook may fail in any way
            broken.append(Broken(plugin, *origin, _reason(error)))
            continue
        for name, offered in factories.items():
            if name in offers:
                raise ConfigurationError(
                    f"Two plugins offer a {what} named {name!r}: {offers[name].plugin} of "
                    f"{offers[name].distribution} and {plugin} of {origin[0]}; uninstall one."
                )
            offers[name] = Offer(name, offered, plugin, *origin)
    return offers


def _is_factory(offered: object) -> bool:
    return callable(offered) or isinstance(offered, str)
