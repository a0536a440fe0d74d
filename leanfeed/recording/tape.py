"""What the chain tells whoever records it; without a recording nobody listens."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol

from leanfeed.values import Delivery, Gap

if TYPE_CHECKING:
    from leanfeed.report import Failure

__all__ = ["BlankTape", "Tape", "Turn"]


class Turn(Protocol):
    """One source's turn."""

    def answered(self, delivery: Delivery) -> None:
        """It delivered a session."""
        ...

    def ended(self, wanted: Sequence[Gap], asked: Sequence[Gap], failure: Failure | None) -> None:
        """It has given what it had, whether it failed or not.

        Of the gaps that are wanted it was asked for some: it does not support the others.
        """
        ...


class Tape(Protocol):
    """Hears what every source of a chain answers."""

    def turn(self, source: str) -> AbstractContextManager[Turn]:
        """A source's turn, for as long as the ``with`` block lasts.

        Raises:
            WriteError: the disk refused.
        """
        ...


class BlankTape:
    """Keeps nothing."""

    @contextlib.contextmanager
    def turn(self, _source: str) -> Iterator[Turn]:
        """A turn of which nothing is kept."""
        yield self

    def answered(self, _delivery: Delivery) -> None:
        """Keep nothing."""

    def ended(
        self, _wanted: Sequence[Gap], _asked: Sequence[Gap], _failure: Failure | None
    ) -> None:
        """Keep nothing."""
