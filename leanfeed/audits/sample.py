"""Which sessions are compared: the same ones each time, and spread over all that is there."""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Iterable

from attrs import define, field

from leanfeed.lean.paths import zip_path
from leanfeed.values import Gap, Series, Session

__all__ = ["Sample"]


@define
class Sample:
    """The `size` sessions whose names have the smallest digests, of all that were offered.

    So a sample is the same on every machine, and a session that is added changes one of it at most.
    """

    size: int
    _kept: list[tuple[int, Series, Session]] = field(factory=list, init=False)

    def offer(self, series: Series, sessions: Iterable[Session]) -> None:
        """Offer more sessions, none twice."""
        ranked = ((_rank(series, session), series, session) for session in sessions)
        self._kept = heapq.nsmallest(self.size, (*self._kept, *ranked), key=lambda one: one[0])

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What was kept, as one would ask for it."""
        found: dict[Series, list[Session]] = {}
        for _, series, session in self._kept:
            found.setdefault(series, []).append(session)
        return tuple(
            Gap(series, tuple(sorted(found[series], key=lambda session: session.date)))
            for series in sorted(found)
        )


def _rank(series: Series, session: Session) -> int:
    name = f"{zip_path(series, session.date)} {session.date}"
    return int.from_bytes(hashlib.sha256(name.encode()).digest())
