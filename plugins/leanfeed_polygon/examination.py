"""What `leanfeed doctor` tells of Polygon: the key, its plan, the way there, and the clock."""

from __future__ import annotations

from collections.abc import Iterator

from leanfeed.errors import LeanfeedError
from leanfeed.interfaces import Finding
from leanfeed_polygon.budget import Rate
from leanfeed_polygon.line import Line
from leanfeed_polygon.refusals import quoting

__all__ = ["key_found", "plan_found", "provider_found"]

#: Seconds that the request may take.
_DEADLINE = 5.0


def key_found(problem: str | None) -> Finding:
    """Whether there is a key; what it is good for only a run can tell."""
    return Finding("API key", problem is None, problem or "given; not tried out")


def plan_found(tier: str, rate: Rate) -> Finding:
    """At what pace leanfeed asks."""
    pace = f"{rate.requests} in {rate.seconds:g} s"
    if rate.requests == 1:
        pace = f"{1 / rate.seconds:g} a second"
    return Finding("plan", True, f"tier is {tier}: requests go out at {pace}")


def provider_found(base_url: str, *, name: str, ca_file: str, proxy: str) -> Iterator[Finding]:
    """Whether the provider answers a request without the key, and whether the clocks agree."""
    try:
        line = Line(base_url, name, quoting(""), {}, size=1, ca_file=ca_file, proxy=proxy)
    except LeanfeedError as error:
        yield Finding("network", False, str(error))
        return
    try:
        reply = line.exchange("/", deadline=_DEADLINE, method="HEAD")
    except LeanfeedError as error:
        yield Finding("network", False, str(error))
        return
    finally:
        line.close()
    yield Finding("network", True, f"{line.where} answers")
    ahead = reply.seconds_ahead
    said = "it agrees with Polygon's"
    if ahead:
        side = "ahead of" if ahead > 0 else "behind"
        said = f"it is {abs(ahead):.0f} s {side} Polygon's: set it, or runs go by Polygon's"
    yield Finding("clock", not ahead, said)
