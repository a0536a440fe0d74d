"""Takes roads, one after the other or by a detour, and keeps account of what went wrong."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from functools import partial

from leanfeed.errors import SourceError
from leanfeed.values import Delivery
from leanfeed_polygon.asking import outcomes, send
from leanfeed_polygon.client import Client
from leanfeed_polygon.downloads import Outcome
from leanfeed_polygon.plan_limits import PlanLimits
from leanfeed_polygon.roads import Road

__all__ = ["travel"]


def travel(
    client: Client, roads: Sequence[Road], *, threads: int, failures: list[SourceError]
) -> Iterator[Delivery]:
    """Ask everything on some roads and deliver what comes; what went wrong joins `failures`.

    The question about the oldest days alone comes first: a plan that does not reach back so far
    refuses it whole, while it may answer for the newer part of a longer window without a word.

    Raises:
        SourceError: the provider cannot be asked any more.
    """
    roads = sorted(roads, key=lambda road: road.questions[0].sessions[-1].date)
    questions = [question for road in roads for question in road.questions]
    sessions = (session for question in questions for session in question.sessions)
    limits = PlanLimits(partial(send, client), sessions)
    detours: list[Road] = []
    try:
        with closing(outcomes(limits, questions, threads=threads)) as found:
            for road in roads:
                detours += yield from _deliveries(road, found, failures)
    finally:
        if refused := limits.error():
            failures.append(refused)
    if detours:
        yield from travel(client, detours, threads=threads, failures=failures)


def _deliveries(
    road: Road, found: Iterator[Outcome], failures: list[SourceError]
) -> Generator[Delivery, None, Sequence[Road]]:
    """Deliver what one road brings, and return the detours when it led nowhere."""
    lost: list[SourceError] = []
    detour: Sequence[Road] = ()
    is_open = False
    try:
        for made in road.deliveries(found):
            if isinstance(made, SourceError):
                lost.append(made)
            else:
                is_open = True
                yield made
        if lost and not is_open:
            detour = road.detour(lost)
    finally:
        failures += () if detour else lost
    return detour
