"""The default writer: LEAN's own zips."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from attrs import define

from leanfeed.default_plugins.durability import Durability
from leanfeed.errors import ConfigurationError
from leanfeed.interfaces import setting
from leanfeed.values import Delivery, Written

__all__ = ["ZipWriter"]


def _durability(value: object) -> Durability:
    try:
        return Durability(str(value))
    except ValueError:
        words = " or ".join(repr(choice.value) for choice in Durability)
        raise ConfigurationError(f"`durability` is {str(value)[:40]!r}: use {words}.") from None


@define
class ZipWriter:
    """Writes a minute or second zip as its session arrives, an hour or daily zip once at the end.

    A file appears under its final name by an atomic rename, after it was read again and its bytes
    are on disk. A damaged file is kept under ``.leanfeed/quarantine/`` before the new one takes its
    place, and so is a sound one that loses more than one row in a hundred, of the file or of a
    session. A file that would not change is not written. An answer without bars removes none: the
    session is confirmed with the bars that stay.
    """

    durability: Durability = setting(
        default=Durability.FULL,
        converter=_durability,
        help="`full`: files are flushed to disk; `fast`: nothing is, for a CI cache",
    )

    def write(self, deliveries: Iterable[Delivery], data_folder: Path) -> Iterator[Written]:
        """See :class:`~leanfeed.interfaces.LeanWriter`."""
        # Late: a folder that lacks nothing needs neither numpy nor this.
        from leanfeed.default_plugins.zip_files import store

        return store(deliveries, data_folder, self.durability)
