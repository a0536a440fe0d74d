"""Environment variables that look like settings of leanfeed and are none."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from contextlib import suppress

from leanfeed.config.core import CORE, variable
from leanfeed.config.plugin_values import variables
from leanfeed.doctor.check import Check
from leanfeed.errors import ConfigurationError
from leanfeed.registry import Registry

__all__ = ["look_at"]

_PREFIX = variable("")
#: What is no setting, and is documented: the last four serve leanfeed's own tests.
_OTHERS = (
    "LEANFEED_CONFIG",
    "LEANFEED_LEAN_COMMAND",
    "LEANFEED_LEAN_DATA",
    "LEANFEED_POLYGON_RECORDED",
    "LEANFEED_TORTURE",
)


def look_at(environment: Mapping[str, str], found: Registry) -> Iterator[Check]:
    """A check for each variable that nobody reads. Its value is not shown: it may be a key."""
    known = {*_OTHERS, *map(variable, CORE), *_of_plugins(found)}
    # Nobody knows what a plugin reads that failed to load.
    lost = tuple(variable(broken.plugin, "") for broken in found.broken)
    for name in sorted(environment):
        is_given = name.startswith(_PREFIX) and environment[name].strip()
        if is_given and name not in known and not name.startswith(lost):
            own = name.removeprefix(_PREFIX)
            close = difflib.get_close_matches(own, (k.removeprefix(_PREFIX) for k in known), n=1)
            advice = f"did you mean {_PREFIX}{close[0]}?" if close else "take it away."
            text = f"{name} is set, and is no setting of leanfeed or a plugin; {advice}"
            yield Check("leanfeed", "environment", False, text, is_needed=False)


def _of_plugins(found: Registry) -> Iterator[str]:
    for offers in (found.sources, found.planners, found.writers):
        for offer in offers.values():
            with suppress(ConfigurationError):  # it is told where its source is looked at
                names = variables(offer.name, offer.factory)
                yield from (name for name in names if name.startswith(_PREFIX))
