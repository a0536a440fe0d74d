"""What a recording says about itself: the text of its ``recording.toml``."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import msgspec

from leanfeed.errors import ContractError, UnavailableError
from leanfeed.recording.files import read
from leanfeed.recording.toml_text import format_toml, parse_toml

__all__ = ["FILE", "FORMAT", "About", "format_about", "load_about", "parse_about"]

#: The file by which a recording is known.
FILE = "recording.toml"

#: The version of the form that :mod:`leanfeed.recording.folder` describes.
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
    #: The sources whose answers it holds, in the order of their chain.
    sources: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def load_about(folder: Path) -> About:
    """Read what the recording in a folder says about itself.

    Raises:
        UnavailableError: there is no recording, or it cannot be read.
        ContractError: it is malformed, or of a form that this leanfeed does not know.
    """
    path = folder / FILE
    text = read(path)
    if text is None:
        raise UnavailableError(
            f"There is no recording in {folder}: {FILE} is missing. Check the name of the folder."
        )
    return parse_about(text, str(path))


def format_about(about: About) -> str:
    """The text of ``recording.toml``."""
    return format_toml(about)


def parse_about(text: str, name: str) -> About:
    """Read it back; `name` stands in messages.

    Raises:
        ContractError: it is malformed, or of a form that this leanfeed does not know.
    """
    form = parse_toml(text, name, dict[str, object]).get("format")
    if form != FORMAT:
        raise ContractError(
            f"{name} is of form {form!r}, and this leanfeed knows form {FORMAT}. Upgrade leanfeed."
        )
    return parse_toml(text, name, About)
