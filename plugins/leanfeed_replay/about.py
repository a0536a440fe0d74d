"""What a recording says about itself: the text of its ``recording.toml``."""

from __future__ import annotations

import datetime as dt
import tomllib

import msgspec

from leanfeed.errors import ContractError

__all__ = ["FORMAT", "About", "format_about", "parse_about"]

#: The version of the form that :mod:`leanfeed_replay.recording` describes.
FORMAT = 1


class About(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a recording is."""

    format: int = FORMAT
    title: str
    #: The program that wrote it.
    made_by: str
    made_on: dt.date | None = None
    #: True: invented, not what any provider answered.
    synthetic: bool
    notes: tuple[str, ...] = ()


def format_about(about: About) -> str:
    """TOML by way of JSON, whose strings and arrays are TOML but for one control character."""
    lines = []
    for name, value in msgspec.structs.asdict(about).items():
        if value is not None:
            text = msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
            lines.append(f"{name} = {text}\n".replace("\x7f", "\\u007f"))
    return "".join(lines)


def parse_about(text: str, name: str) -> About:
    """Read it back; `name` stands in messages.

    Raises:
        ContractError: it is malformed, or of a form that this leanfeed does not know.
    """
    try:
        values = tomllib.loads(text)
        form = values.get("format")
        if form == FORMAT:
            return msgspec.convert(values, About)
    except ValueError as error:
        raise ContractError(f"{name} is malformed: {error}. Correct it.") from error
    raise ContractError(
        f"{name} is of form {form!r}, and this leanfeed knows form {FORMAT}. Upgrade leanfeed."
    )
