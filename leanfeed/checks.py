"""What a setting often has to be: converters and validators for :func:`leanfeed.setting`."""

from __future__ import annotations

from typing import Any

from leanfeed.errors import ConfigurationError

__all__ = ["between", "choice", "number", "switch", "whole_number"]

_SWITCH = {
    **dict.fromkeys(("true", "1", "yes", "on"), True),
    **dict.fromkeys(("false", "0", "no", "off"), False),
}


def number(value: Any) -> float:
    """A number, from TOML or from the text of an environment variable.

    Raises:
        ConfigurationError: it is none.
    """
    try:
        return float(value)
    except (TypeError, ValueError):
        raise ConfigurationError(f"{value!r} is not a number: use one such as 5.") from None


def whole_number(value: Any) -> int:
    """A whole number, as :func:`number`."""
    count = number(value)
    if not count.is_integer():
        raise ConfigurationError(f"{value!r} is not a whole number: use one such as 5.")
    return int(count)


def switch(value: Any) -> bool:
    """True or false, as :func:`number`: the words are true, 1, yes, on and false, 0, no, off."""
    word = str(value).strip().lower()
    if word not in _SWITCH:
        raise ConfigurationError(f"{value!r} is neither true nor false: use one of them.")
    return _SWITCH[word]


def between(low: float, high: float) -> Any:
    """Make an attrs validator: the number lies in ``[low, high]``."""

    def check(_instance: object, attribute: Any, value: float) -> None:
        if not low <= value <= high:
            raise ConfigurationError(
                f"{attribute.name} is {value:g}: use a number from {low:g} to {high:g}."
            )

    return check


def choice(*words: str) -> Any:
    """Make an attrs validator: the value is one of `words`."""

    def check(_instance: object, attribute: Any, value: object) -> None:
        if value not in words:
            raise ConfigurationError(f"{attribute.name} is {value!r}: use {' or '.join(words)}.")

    return check
