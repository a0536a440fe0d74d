"""One setting's value and where it came from."""

from __future__ import annotations

from typing import Any

from attrs import frozen

__all__ = ["ARGUMENT", "DEFAULT", "Value"]

#: The origin of what nobody has set.
DEFAULT = "default"
#: The origin of what the caller says, or the command line.
ARGUMENT = "argument"


@frozen
class Value:
    """A value, in a :class:`~leanfeed.Secret` where it is one, so that nothing here shows it."""

    value: Any
    #: ``argument``, ``environment NAME``, the name of a file, or ``default``.
    origin: str

    def __str__(self) -> str:
        return str(self.value)
