"""One thing that was looked at."""

from __future__ import annotations

from typing import Any

from attrs import asdict, frozen

__all__ = ["Check"]


@frozen
class Check:
    """What was found about one thing, on one line and without secrets."""

    #: Whose thing it is: ``leanfeed``, or the name of a plugin.
    about: str
    #: What was looked at, in a word or two.
    topic: str
    is_well: bool
    #: What was found; when it is not well, also what to do.
    text: str
    #: The configured chain cannot work as long as it is not well.
    is_needed: bool = True

    @property
    def is_fatal(self) -> bool:
        """It is not well, and needed."""
        return self.is_needed and not self.is_well

    def to_dict(self) -> dict[str, Any]:
        """The same as plain JSON values."""
        return asdict(self)
