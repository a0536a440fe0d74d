"""Help: short, with an example, and in step with what leanfeed knows."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from pkgutil import iter_modules
from types import ModuleType

import click
import pytest
from click.testing import Result

import leanfeed.cli
from leanfeed.cli import COMMANDS, cli
from leanfeed.values import Hours, Resolution

Run = Callable[..., Result]
PACKAGE = [str(Path(leanfeed.cli.__file__).parent)]


def command(name: str) -> click.Command:
    found = cli.get_command(click.Context(cli), name)
    assert found is not None
    return found


def is_command(module: ModuleType, name: str) -> bool:
    """Whether a module named like it defines it."""
    value = getattr(module, name)
    return isinstance(value, click.Command) and module.__name__.endswith(f".{name}")


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_help_has_an_example_that_names_the_command(name: str, run: Run) -> None:
    arguments = [name] if name else []
    result = run(*arguments, "--help")
    assert result.exit_code == 0
    assert f"leanfeed {name}".strip() in result.stdout.partition("Example")[2]
    assert run(*arguments, "-h").stdout == result.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_has_the_summary_of_a_command(name: str, run: Run) -> None:
    (summary,) = re.findall(rf"^  {name} +(.+)$", run("--help").stdout, re.MULTILINE)
    assert summary == command(name).get_short_help_str(limit=60)
    assert "..." not in summary


def test_the_list_has_every_command() -> None:
    modules = (importlib.import_module(f"leanfeed.cli.{m.name}") for m in iter_modules(PACKAGE))
    found = {name for module in modules for name in module.__all__ if is_command(module, name)}
    assert [*COMMANDS] == sorted(found)


def test_a_command_imports_no_other() -> None:
    code = (
        "import sys; from leanfeed.cli import COMMANDS, cli\n"
        "try: cli(sys.argv[1:])\n"
        "finally: print(*(n for n in COMMANDS if f'leanfeed.cli.{n}' in sys.modules))"
    )
    for arguments, imported in ((["why", "--help"], ["why"]), (["--help"], [])):
        shown = subprocess.check_output([sys.executable, "-c", code, *arguments], text=True)
        assert shown.splitlines()[-1].split() == imported


@pytest.mark.parametrize(
    ("name", "meant"),
    [("download", "ensure"), ("verify", "audit"), ("status", "coverage"), ("repiar", "repair")],
)
def test_a_name_that_is_no_command_gets_a_suggestion(name: str, meant: str, run: Run) -> None:
    result = run(name, "SPY")
    assert result.exit_code == 2
    assert f"No such command '{name}'. Did you mean '{meant}'?" in result.stderr
    assert "Did you mean" not in run("xyzzy").stderr


@pytest.mark.parametrize("name", ["ensure", "plan"])
def test_the_options_offer_what_leanfeed_knows(name: str, run: Run) -> None:
    options = {option.name: option for option in command(name).params}
    session, resolution = options["session"], options["resolution"]
    assert isinstance(session.type, click.Choice)
    assert set(session.type.choices) == {hours.value for hours in Hours}
    assert isinstance(resolution, click.Option)
    assert all(known.value in (resolution.help or "") for known in Resolution)
