"""The entry points of what is installed, read without :mod:`importlib.metadata` where that is all
the same: to import it takes longer than to read them.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator
from functools import reduce
from importlib.machinery import PathFinder
from typing import Any, NamedTuple

__all__ = ["EntryPoint", "entry_points", "imported"]

_ENDS = (".dist-info", ".egg-info")


class EntryPoint(NamedTuple):
    """One line of a distribution's ``entry_points.txt``."""

    name: str
    #: A module, and maybe a colon and what in it.
    value: str
    distribution: str
    version: str

    def load(self) -> Any:
        """What it names, imported.

        Raises:
            ImportError, AttributeError: there is no such thing.
        """
        return imported(self.value.partition("[")[0])


def imported(name: str) -> Any:
    """What stands behind ``module:name``, or the module alone.

    Raises:
        ImportError, AttributeError: there is no such thing.
    """
    module, _, inside = name.replace(" ", "").partition(":")
    return reduce(getattr, filter(None, inside.split(".")), importlib.import_module(module))


def entry_points(group: str) -> list[EntryPoint]:
    """Those of one group, in the order of their names; of a distribution that is twice on the path
    the first one's.
    """
    folders = [path or os.curdir for path in sys.path]
    others = [finder for finder in sys.meta_path if finder is not PathFinder]
    is_odd = any(path.endswith(".egg") or os.path.isfile(path) for path in folders)
    if is_odd or any(hasattr(finder, "find_distributions") for finder in others):
        return sorted(_by_the_library(group))  # such as zips, of which Python knows more
    found: dict[str, str] = {}
    for folder in folders:
        for name in _names(folder):
            stem = name.partition("-")[0].lower().replace("_", "-").replace(".", "-")
            found.setdefault(stem, os.path.join(folder, name))
    return sorted(point for path in found.values() for point in _of_one(path, group))


def _by_the_library(group: str) -> Iterator[EntryPoint]:
    from importlib import metadata

    for point in metadata.entry_points(group=group):
        about = (point.dist.name, point.dist.version) if point.dist else ("unknown", "")
        yield EntryPoint(point.name, point.value, *about)


def _names(folder: str) -> list[str]:
    """The folders of distributions."""
    try:
        return [name for name in os.listdir(folder) if name.endswith(_ENDS)]
    except OSError:
        return []


def _of_one(path: str, group: str) -> Iterator[EntryPoint]:
    lines = [line.strip() for line in _lines(os.path.join(path, "entry_points.txt"))]
    is_wanted, about = False, ("", "")
    for line in lines:
        if line.startswith("["):
            is_wanted = line == f"[{group}]"
        elif is_wanted and line and not line.startswith("#"):
            about = about if about[0] else _about(path)
            name, _, value = line.partition("=")
            yield EntryPoint(name.strip(), value.strip(), *about)


def _about(path: str) -> tuple[str, str]:
    """Name and version, from the head of the metadata."""
    said: dict[str, str] = {}
    for name in ("METADATA", "PKG-INFO"):
        for line in _lines(os.path.join(path, name)):
            key, colon, value = line.partition(":")
            if not colon:
                break
            said.setdefault(key.lower(), value.strip())
    return said.get("name", "unknown"), said.get("version", "")


def _lines(path: str) -> list[str]:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read().split("\n")
    except (OSError, UnicodeDecodeError):
        return []
