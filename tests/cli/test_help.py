"""Help: short, with an example, and in step with what leanfeed knows."""

from __future__ import annotations

from collections.abc import Callable

import click
import pytest
from click.testing import Result

from leanfeed.cli import cli
from leanfeed.values import Hours, Resolution

Run = Callable[..., Result]


@pytest.mark.parametrize("name", ["", *cli.commands])
def test_help_has_an_example_that_names_the_command(name: str, run: Run) -> None:
    arguments = [name] if name else []
    result = run(*arguments, "--help")
    assert result.exit_code == 0
    assert f"leanfeed {name}".strip() in result.stdout.partition("Example")[2]
    assert run(*arguments, "-h").stdout == result.stdout


@pytest.mark.parametrize("name", cli.commands)
def test_a_command_is_summed_up_in_one_line(name: str, run: Run) -> None:
    assert "..." not in cli.commands[name].get_short_help_str(limit=60)


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
    options = {option.name: option for option in cli.commands[name].params}
    session, resolution = options["session"], options["resolution"]
    assert isinstance(session.type, click.Choice)
    assert set(session.type.choices) == {hours.value for hours in Hours}
    assert isinstance(resolution, click.Option)
    assert all(known.value in (resolution.help or "") for known in Resolution)
