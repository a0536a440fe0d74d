"""Let `lean data download` itself say which options it has and how it takes argument lists.

    path/to/environment/bin/python parse_argv.py < argument_lists.json

Prints JSON. It parses and no more: there is no network, no Docker and no workspace behind it. The
real command takes what it does not know without a word, so `leftovers` is what to look at.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from typing import Any

# `lean` reads it as it is imported: the user's own settings stay out.
os.environ["HOME"] = tempfile.gettempdir()

import click
import lean.main  # before its parts, as when the command starts
from click.core import ParameterSource
from lean.commands.data.download import download


def options() -> list[dict[str, Any]]:
    """Every option, as the contract file has it."""
    return [
        {
            "opts": parameter.opts,
            "name": parameter.name,
            "flag": getattr(parameter, "is_flag", False),
            "choices": _choices(parameter),
            "required": parameter.required,
            "hidden": getattr(parameter, "hidden", False),
        }
        for parameter in download.get_params(click.Context(download))
    ]


def parsed(argv: list[str]) -> dict[str, Any]:
    """What becomes of the words after ``lean data download``."""
    try:
        context = download.make_context("download", list(argv), parent=None)
    except click.ClickException as error:
        return {"refused": error.format_message()}
    said = {
        name: getattr(value, "value", value)
        for name, value in context.params.items()
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    }
    return {"refused": "", "leftovers": context.args, "said": said}


def _choices(parameter: click.Parameter) -> list[str] | None:
    choices = getattr(parameter.type, "choices", None)
    return None if choices is None else [getattr(choice, "value", choice) for choice in choices]


json.dump(
    {
        "lean": lean.__version__,
        "allow_unknown": download.context_settings["ignore_unknown_options"],
        "options": options(),
        "parsed": [parsed(argv) for argv in json.load(sys.stdin)],
    },
    sys.stdout,
)
