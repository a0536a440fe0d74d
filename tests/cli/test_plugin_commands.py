"""Commands that plugins add to the command line."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import Result

from leanfeed.cli import plugin_commands
from leanfeed.entry_points import EntryPoint

Run = Callable[..., Result]
_MODULE = '''
import click

@click.command()
@click.argument("name")
def greet(name):
    """Say hello."""
    click.echo(f"hello {name}")

nothing = 5
'''


@pytest.fixture
def offer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Install commands: their names, and what each is."""
    (tmp_path / "greeting.py").write_text(_MODULE, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)

    def make(**commands: str) -> None:
        found = {
            name: EntryPoint(name, value, "greeting", "1.0") for name, value in commands.items()
        }
        monkeypatch.setattr(plugin_commands, "offered", lambda: found)

    yield make
    sys.modules.pop("greeting", None)


def test_a_plugin_adds_a_command(offer: Callable[..., None], run: Run) -> None:
    offer(greet="greeting:greet")
    assert run("greet", "you").stdout == "hello you\n"
    assert re.search(r"^  greet +Say hello\.$", run("--help").stdout, re.MULTILINE)


def test_none_takes_the_place_of_leanfeeds_own(offer: Callable[..., None], run: Run) -> None:
    offer(plan="greeting:greet")
    assert "hello" not in run("plan", "you").output
    assert "Say hello" not in run("--help").stdout


@pytest.mark.parametrize("value", ["greeting:nothing", "greeting:absent", "no_such_module:x"])
def test_one_that_fails_says_so_and_harms_nobody(
    value: str, offer: Callable[..., None], run: Run
) -> None:
    offer(broken=value)
    assert re.search(r"^  broken +It failed to load\.$", run("--help").stdout, re.MULTILINE)
    result = run("broken", "--what", "ever")
    assert result.exit_code == 1
    assert "The command 'broken' of greeting failed to load" in result.stderr
    assert run("sources").exit_code == 0


def test_they_are_not_looked_up_for_leanfeeds_own(
    monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    def fail() -> None:
        raise AssertionError("they were looked up")

    monkeypatch.setattr(plugin_commands, "offered", fail)
    assert run("plan", "--help").exit_code == 0
