"""What was found around the working folder, on one line, so that nobody has to guess."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from attrs import fields, has

from leanfeed import config as configuration, configured
from leanfeed.config import Settings
from leanfeed.config.value import DEFAULT

__all__ = ["surroundings"]


def surroundings(**arguments: Any) -> tuple[bool, str]:
    """Whether this is a LEAN workspace, and a line that says so, with its data folder and keys.

    Args:
        arguments: `config`, `data_folder` and `sources`, as for :func:`leanfeed.ensure`.

    Raises:
        ConfigurationError: the settings cannot be read.
    """
    config = arguments.pop("config", None)
    settings = configuration.load(config=config, arguments=arguments)
    folder = f"data folder {settings.data_folder.absolute()}{_origin(settings)}"
    if settings.lean_json_path is None:
        return False, f"No lean.json here or above: {folder}"
    found = "; ".join((folder, *_keys(settings)))
    return True, f"LEAN workspace {settings.lean_json_path.parent}: {found}"


def _origin(settings: Settings) -> str:
    origin = settings.origins["data_folder"]
    return {"lean.json": "", DEFAULT: " (the default)"}.get(origin, f" ({origin})")


def _keys(settings: Settings) -> Iterator[str]:
    """Which source has its key from where, or has none; never what it is."""
    needed = configured.needed(settings)
    for kind, offer in configured.offers(settings):
        factory: Any = offer.factory
        is_class = isinstance(factory, type) and has(factory)
        if kind != "source" or offer.name not in needed or not is_class:
            continue
        values = settings.values(kind, offer.name, factory)
        for field in fields(factory):
            if field.metadata.get("secret"):
                value = values.get(field.name)
                origin = f"from {value.origin}" if value and value.value else "is missing"
                yield f"{offer.name}: {field.name} {origin}"
