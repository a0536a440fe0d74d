"""The switches that operators of the old download step know.

Both are read from the environment, where an operator can turn them without touching a file or a
program, so they change the chain wherever it came from: argument, toml or default.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from leanfeed.config.value import DEFAULT, Value
from leanfeed.errors import ConfigurationError
from leanfeed.interfaces import DataSource

__all__ = ["FALLBACK", "NATIVE", "changed_chain", "read_switches"]

#: Off: the Lean CLI takes the place of Polygon's own API.
NATIVE = "USE_POLYGON_NATIVE_DOWNLOADER"
#: Off: what Polygon's own API cannot give is not asked of the Lean CLI.
FALLBACK = "POLYGON_DOWNLOADER_ALLOW_CLI_FALLBACK"

_POLYGON, _LEAN_CLI = "polygon", "lean-cli"
_WORDS = {
    **dict.fromkeys(("1", "true", "yes", "on"), True),
    **dict.fromkeys(("0", "false", "no", "off"), False),
}


def read_switches(environment: Mapping[str, str]) -> dict[str, Value]:
    """Both switches, true unless the environment says otherwise.

    Raises:
        ConfigurationError: a variable says neither yes nor no.
    """
    return {name: _read(name, environment.get(name, "")) for name in (NATIVE, FALLBACK)}


def _read(name: str, text: str) -> Value:
    word = text.strip().lower()
    if not word:
        return Value(True, DEFAULT)
    if word not in _WORDS:
        raise ConfigurationError(
            f"The environment variable {name} is {text[:40]!r}: set it to true or false."
        )
    return Value(_WORDS[word], f"environment {name}")


def changed_chain(
    chain: Sequence[str | DataSource], switches: Mapping[str, Value]
) -> tuple[tuple[str | DataSource, ...], tuple[str, ...]]:
    """The chain as the switches want it, and the names of the switches that changed it.

    Only the names ``polygon`` and ``lean-cli`` are looked at; a ready source stays as it is.
    """
    changed_by = []
    if not switches[NATIVE].value and _POLYGON in chain:
        changed_by.append(NATIVE)
        chain = tuple(dict.fromkeys(_LEAN_CLI if s == _POLYGON else s for s in chain))
    if not switches[FALLBACK].value and _POLYGON in chain:
        at = list(chain).index(_POLYGON)
        if _LEAN_CLI in chain[at:]:
            changed_by.append(FALLBACK)
            chain = (*chain[:at], *(s for s in chain[at:] if s != _LEAN_CLI))
    return tuple(chain), tuple(changed_by)
