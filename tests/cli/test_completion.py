"""What the shell is offered, through click's own protocol for bash, zsh and fish."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from click.testing import CliRunner

from leanfeed.cli import cli
from leanfeed.cli.completion import complete_resolutions
from leanfeed.values import Resolution

SHELLS = ("bash", "zsh", "fish")


def offered(shell: str, *words: str) -> set[str]:
    """The words that `shell` is offered after those given; the last is incomplete."""
    line = " ".join(("leanfeed", *words))
    environment = {
        "_LEANFEED_COMPLETE": f"{shell}_complete",
        "COMP_WORDS": line,
        "COMP_CWORD": words[-1] if shell == "fish" else str(len(words)),
    }
    result = CliRunner().invoke(cli, env=environment, prog_name="leanfeed")
    lines = result.stdout.splitlines()
    if shell == "zsh":
        return set(lines[1::3])
    return {line.split(",", 1)[1].split("\t")[0] for line in lines}


@pytest.mark.parametrize("shell", SHELLS)
def test_commands_options_and_their_values_are_offered(shell: str) -> None:
    assert offered(shell, "a") == {"apply", "audit"}
    assert offered(shell, "ensure", "--res") == {"--resolution"}
    assert offered(shell, "ensure", "--session", "re") == {"regular"}
    assert offered(shell, "plan", "--resolution", "m") == {"minute"}
    assert offered(shell, "ensure", "--sources", "re") == {"replay"}


@pytest.mark.parametrize("shell", SHELLS)
def test_lists_are_continued_after_the_last_comma(shell: str) -> None:
    assert offered(shell, "ensure", "--resolution", "minute,") == {
        "minute,daily",
        "minute,hour",
        "minute,second",
    }
    assert offered(shell, "doctor", "--sources", "polygon,re") == {"polygon,replay"}
    assert offered(shell, "audit", "--resolution", "Minute,d") == {"Minute,daily"}


def test_every_resolution_is_offered() -> None:
    found = complete_resolutions(None, None, "")  # type: ignore[arg-type]
    assert {item.value for item in found} == set(Resolution)


@pytest.mark.parametrize("shell", SHELLS)
def test_each_shell_gets_a_script_that_it_understands(shell: str) -> None:
    environment = {"_LEANFEED_COMPLETE": f"{shell}_source"}
    result = CliRunner().invoke(cli, env=environment, prog_name="leanfeed")
    assert "_LEANFEED_COMPLETE" in result.stdout
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed")
    subprocess.run([program, "-n"], input=result.stdout, text=True, check=True)
