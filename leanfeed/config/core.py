"""The settings of leanfeed itself: their defaults, and how what people write is understood."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from attrs import frozen

from leanfeed.errors import ConfigurationError
from leanfeed.interfaces import DataSource
from leanfeed.values import Hours

__all__ = ["CORE", "CoreSetting", "expanded", "variable"]


@frozen
class CoreSetting:
    """One setting that does not belong to a plugin."""

    default: Any
    #: Turns what was given, called so in messages, into the value.
    parse: Callable[[str, Any], Any]
    #: One line for users.
    help: str
    #: The key of ``lean.json`` that holds it, where one does.
    lean_json: str = ""


def variable(*names: str) -> str:
    """The environment variable of a setting: ``LEANFEED_POLYGON_DAILY`` of polygon's ``daily``."""
    return "_".join(("LEANFEED", *names)).upper().replace("-", "_")


def expanded(what: str, folder: Any) -> Path:
    """A path with ``~`` for the user's home, where there is one.

    Raises:
        ConfigurationError: it cannot be a path.
    """
    try:
        path = Path(folder)
        if not str(folder).strip() or "\0" in str(folder):
            raise ValueError
    except (TypeError, ValueError):
        raise ConfigurationError(f"{what} is {str(folder)[:40]!r}: use a path.") from None
    try:
        return path.expanduser()
    except RuntimeError:  # nobody's home
        return path


def _data_folder(what: str, value: Any) -> Path:
    """As :func:`expanded`; LEAN's folders do not belong beside those of the system."""
    path = expanded(what, value)
    if path.absolute() == Path(path.absolute().anchor):
        raise ConfigurationError(f"{what} is {path}, the root of the system: use a folder in it.")
    return path


def _optional_folder(what: str, folder: Any) -> Path | None:
    return None if folder in (None, "") else expanded(what, folder)


def _chain(what: str, value: Any) -> tuple[str | DataSource, ...]:
    """The chain from a list, or from text with commas."""
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, (list, tuple)):
        raise ConfigurationError(f"{what} is {_short(value)}: use a list of names.")
    chain: list[str | DataSource] = []
    for part in parts:
        source = part.strip() if isinstance(part, str) else part
        if not isinstance(source, str) and not hasattr(source, "fetch"):
            raise ConfigurationError(f"{what} holds {_short(source)}: use the name of a source.")
        if source and source not in chain:
            chain.append(source)
    if not chain:
        raise ConfigurationError(f"{what} is empty: name at least one source.")
    return tuple(chain)


def _name(what: str, value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ConfigurationError(f"{what} is {_short(value)}: use a name.")
    return value.strip()


def _hours(what: str, value: Any) -> Hours:
    try:
        return Hours(value)
    except ValueError:
        choices = " or ".join(repr(hours.value) for hours in Hours)
        raise ConfigurationError(f"{what} is {_short(value)}: use {choices}.") from None


def _seconds(what: str, value: Any) -> float:
    try:
        seconds = -1.0 if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        seconds = -1.0
    if not 0 <= seconds <= 1e6:
        raise ConfigurationError(
            f"{what} is {_short(value)}: use a number of seconds, such as 600."
        )
    return seconds


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:59]}…"


CORE: Mapping[str, CoreSetting] = {
    "data_folder": CoreSetting(
        "data",
        _data_folder,
        "LEAN's data folder; in a file relative to it, else to the working folder",
        lean_json="data-folder",
    ),
    "sources": CoreSetting(
        ("polygon", "lean-cli"), _chain, "the chain: a list, or text with commas"
    ),
    "planner": CoreSetting("calendar", _name, "who says what is missing"),
    "writer": CoreSetting("lean", _name, "who stores it"),
    "session": CoreSetting(
        Hours.EXTENDED.value,
        _hours,
        "hours to store at minute and second resolution: `extended` or `regular`",
    ),
    "silence_limit": CoreSetting(
        600.0,
        _seconds,
        "seconds after which a source is given up that neither delivers nor says anything",
    ),
    "lock_limit": CoreSetting(
        600.0, _seconds, "seconds to wait for another run that is fetching the same series"
    ),
    "record": CoreSetting(
        "",
        _optional_folder,
        "the [recording](recording.md) to which the answers of the sources are added; in a file "
        "relative to it",
    ),
    "replay": CoreSetting(
        "",
        _optional_folder,
        "the [recording](recording.md) that answers in the place of every source, whoever names "
        "others",
    ),
}
