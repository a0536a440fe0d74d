"""Keys and passwords: values that nothing shows by accident."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NoReturn, TypeVar

__all__ = ["Concealed", "Secret", "without_frames"]

Content = TypeVar("Content", covariant=True)
Raised = TypeVar("Raised", bound=BaseException)


class Secret:
    """A key or a password. Only :meth:`reveal` gives it; an empty one is false.

    No attrs class: :func:`attrs.asdict` of a source that has one would spell it out.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str = "") -> None:
        self._text = text

    def reveal(self) -> str:
        """The secret itself, for the one place that sends it."""
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return self._text == other._text if isinstance(other, Secret) else NotImplemented

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __str__(self) -> str:
        return "***" if self._text else ""

    def __repr__(self) -> str:
        return f"Secret({str(self)!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("A secret is not pickled: read it from the configuration again.")


class Concealed(Mapping[str, Content]):
    """A mapping that may hold secrets, such as the environment: it is neither shown nor pickled."""

    __slots__ = ("_content",)

    def __init__(self, content: Mapping[str, Content]) -> None:
        self._content = content

    def __getitem__(self, key: str) -> Content:
        return self._content[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._content)

    def __len__(self) -> int:
        return len(self._content)

    def __repr__(self) -> str:
        return f"<{len(self)} concealed>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("What may hold secrets is not pickled: read the configuration again.")


def without_frames(error: Raised) -> Raised:
    """The error alone, to be raised outside of its ``except`` block.

    The variables of the frames below, and of the errors that led to it, may hold secrets, which a
    traceback that shows variables would show.
    """
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)
