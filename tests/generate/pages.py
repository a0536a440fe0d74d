"""Fills the parts of the documentation that the code knows better, such as settings and commands.

Between ``<!-- generated: WHAT -->`` and ``<!-- end of generated -->`` stands one of these:

- ``core settings``: leanfeed's own settings;
- ``settings KIND NAME``: those of a source, planner or writer;
- ``commands``: the help of every command;
- ``exit codes``: what each of them says;
- ``kernel``: its sources, with their lengths and the sentences they begin with.

``nox -s pages`` writes them, and a test compares them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click
from attrs import fields

from leanfeed import registry
from leanfeed.cli import cli, exit_codes
from leanfeed.config.core import CORE, variable
from leanfeed.config.plugin_values import default_values
from leanfeed.secret import Secret

__all__ = ["filled", "pages"]

ROOT = Path(__file__).parents[2]
_PART = re.compile(
    r"(?<=^<!-- generated: )([^\n]+?)( -->\n).*?(?=^<!-- end of generated -->$)",
    re.DOTALL | re.MULTILINE,
)
_WIDTH = 90


def pages() -> tuple[Path, ...]:
    """Every page that has a part which is generated."""
    found = sorted((ROOT / "docs").rglob("*.md"))
    return tuple(page for page in found if _PART.search(page.read_text(encoding="utf-8")))


def filled(text: str) -> str:
    """The text of a page with every such part as the code has it now.

    Raises:
        KeyError: nobody knows how to make a part.
    """

    def part(match: re.Match[str]) -> str:
        what, end = match[1], match[2]
        name, _, arguments = what.partition(" ") if what.startswith("settings ") else (what, "", "")
        return f"{what}{end}\n{_MAKERS[name](*arguments.split())}\n\n"

    return _PART.sub(part, text)


def _core_settings() -> str:
    rows = (
        (
            f"`{name}`",
            f"`{variable(name)}`",
            _shown(known.lean_json),
            _shown(known.default),
            known.help,
        )
        for name, known in CORE.items()
    )
    return _table(("setting", "environment", "`lean.json`", "default", ""), rows)


def _settings(kind: str, name: str) -> str:
    offers: Mapping[str, Mapping[str, registry.Offer[Any]]] = {
        "source": registry.installed().sources,
        "planner": registry.installed().planners,
        "writer": registry.installed().writers,
    }
    factory = offers[kind][name].factory
    defaults = default_values(factory)
    rows = []
    for attribute in fields(factory):
        if not attribute.init:
            continue
        known = attribute.metadata
        key = attribute.alias or attribute.name
        also = [f"`{text}`" for text in known["env"]]
        also += [f"`{text}` in `lean.json`" for text in known["lean_json"]]
        default = "leanfeed's own" if known["core"] else _shown(defaults[key].value)
        rows.append((f"`{key}`", default, ", ".join(also), known["help"]))
    return _table(("setting", "default", "also from", ""), rows)


def _commands() -> str:
    return "\n\n".join(_command_parts(cli, "leanfeed", 2))


def _command_parts(command: click.Command, path: str, depth: int) -> Iterator[str]:
    context = click.Context(
        command, info_name=path, terminal_width=_WIDTH, max_content_width=_WIDTH
    )
    context.help_option_names = ["-h", "--help"]
    yield f"{'#' * depth} `{path}`\n\n```text\n{command.get_help(context).rstrip()}\n```"
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            if below is not None and not below.hidden:
                yield from _command_parts(below, f"{path} {name}", depth)


def _exit_codes() -> str:
    """The table of the module's own text, and what follows it."""
    _, _, rest = (exit_codes.__doc__ or "").partition("code meaning\n")
    _, table, after, _ = re.split(r"^====.*\n", rest + "====\n", flags=re.MULTILINE)
    rows = [line.split(maxsplit=1) for line in re.sub(r"\n +", " ", table).splitlines()]
    return f"{_table(('code', 'meaning'), rows)}\n\n{after.strip()}".replace("``", "`")


def _kernel() -> str:
    rows, together = [], 0
    for source in sorted((ROOT / "leanfeed/kernel").glob("*.c")):
        text = source.read_text(encoding="utf-8")
        comment = text.removeprefix("/* ").partition("*/")[0]
        sentence = re.split(r"\.\s", comment.replace("\n * ", " "), maxsplit=1)[0]
        rows.append((f"`{source.name}`", str(text.count("\n")), sentence))
        together += text.count("\n")
    return _table(("source", "lines", ""), [*rows, ("all", str(together), "")])


def _shown(value: Any) -> str:
    """A default as people write it; nothing for one that says nothing."""
    if isinstance(value, Secret | Path) or value in ("", None):
        return ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, tuple):
        return f"`{','.join(value)}`"
    return f"`{value:g}`" if isinstance(value, float) else f"`{value}`"


def _table(head: tuple[str, ...], rows: Any) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(
        "|" + "|".join(f" {cell} " if cell else " " for cell in line) + "|" for line in lines
    )


_MAKERS: Mapping[str, Callable[..., str]] = {
    "core settings": _core_settings,
    "settings": _settings,
    "commands": _commands,
    "exit codes": _exit_codes,
    "kernel": _kernel,
}


if __name__ == "__main__":
    for page in pages():
        page.write_text(filled(page.read_text(encoding="utf-8")), encoding="utf-8")
