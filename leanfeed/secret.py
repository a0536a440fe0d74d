"""Keys and passwords: values that nothing shows by accident."""

from __future__ import annotations

from typing import NoReturn

from attrs import field, frozen

__all__ = ["Secret"]


@frozen(repr=False)
class Secret:
    """A key or a password. Only :meth:`reveal` gives it; an empty one is false."""

    _text: str = field(default="")

    def reveal(self) -> str:
        """The secret itself, for the one place that sends it."""
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __str__(self) -> str:
        return "***" if self._text else ""

    def __repr__(self) -> str:
        return f"Secret({str(self)!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("A secret is not pickled: read it from the configuration again.")
