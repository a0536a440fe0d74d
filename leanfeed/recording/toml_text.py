"""TOML for the values that a recording has: one line for each field, arrays over several."""

from __future__ import annotations

import tomllib
from typing import TypeVar

import msgspec

from leanfeed.errors import ContractError

__all__ = ["format_toml", "parse_toml"]

Parsed = TypeVar("Parsed")


def format_toml(values: msgspec.Struct) -> str:
    """TOML by way of JSON, whose strings and arrays are TOML but for one control character.

    A field that is None or an empty tuple is left out.
    """
    lines = []
    for name, value in msgspec.structs.asdict(values).items():
        if value not in (None, ()):
            text = msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
            lines.append(f"{name} = {text}\n".replace("\x7f", "\\u007f"))
    return "".join(lines)


def parse_toml(text: str, name: str, kind: type[Parsed]) -> Parsed:
    """Read it back; `name` stands in messages.

    Raises:
        ContractError: it is malformed.
    """
    try:
        return msgspec.convert(tomllib.loads(text), kind)
    except ValueError as error:
        raise ContractError(f"{name} is malformed: {error}. Correct it.") from error
