"""What `leanfeed sources` prints: a table for people, columns or JSON for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from leanfeed.cli import sources
from leanfeed.errors import ConfigurationError
from leanfeed.inventory import Installed

Run = Callable[..., Result]


REPLAY = Installed("replay", "bundled", "leanfeed", "0.1.0", usable=True)
BROKEN = Installed("mine", "mine", "my-feed", "3", False, "ImportError: no module named [mine]")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Path | None]:
    """The configuration files that were named, while two sources are installed."""
    configs: list[Path | None] = []

    def installed_sources(config: Path | None) -> tuple[Installed, ...]:
        configs.append(config)
        return REPLAY, BROKEN

    monkeypatch.setattr("leanfeed.inventory.installed_sources", installed_sources)
    return configs


@pytest.mark.usefixtures("asked")
def test_in_a_pipe_the_columns_are_separated_by_tabs(run: Run) -> None:
    result = run("sources")
    assert [line.split("\t") for line in result.stdout.splitlines()] == [
        ["source", "from", "plugin", "state"],
        ["replay", "leanfeed 0.1.0", "bundled", "ready"],
        ["mine", "my-feed 3", "mine", "ImportError: no module named [mine]"],
    ]
    assert result.exit_code == 0


@pytest.mark.usefixtures("asked")
def test_on_a_terminal_it_is_a_table(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "dumb")
    sources.sources(["--config", "my.toml"], standalone_mode=False)
    first, *_, last = capsys.readouterr().out.splitlines()
    assert first.split() == ["source", "from", "plugin", "state"]
    assert last.endswith("ImportError: no module named [mine]")


def test_json_and_the_configuration(run: Run, asked: list[Path | None]) -> None:
    found = json.loads(run("sources", "--config", "my.toml", "--json").stdout)
    assert found[0] == {
        "name": "replay",
        "distribution": "leanfeed",
        "version": "0.1.0",
        "plugin": "bundled",
        "usable": True,
        "reason": "",
    }
    assert [source["usable"] for source in found] == [True, False]
    assert asked == [Path("my.toml")]


def test_a_broken_configuration_is_one_sentence(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def installed_sources(config: Path | None) -> tuple[Installed, ...]:
        raise ConfigurationError(f"The configuration {config} is not TOML: mend it.")

    monkeypatch.setattr("leanfeed.inventory.installed_sources", installed_sources)
    result = run("sources", "--config", "my.toml")
    assert (result.exit_code, result.stdout) == (4, "")
    assert result.stderr == "Error: The configuration my.toml is not TOML: mend it.\n"
