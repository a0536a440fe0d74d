"""``leanfeed audit`` and ``leanfeed repair``: options, output and exit codes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from leanfeed import configured
from leanfeed.cli import cli
from leanfeed.cli.audit import audit
from leanfeed.cli.repair import repair
from leanfeed.errors import AuthenticationError, RateLimitedError, SourceError, UnavailableError
from leanfeed.soundness.kinds import Kind
from leanfeed.wording import percent
from tests.audit.files import DAILY, MINUTE, MINUTE_PATH, put, put_bytes, put_sound
from tests.build import MemorySource

Invoke = Callable[..., Result]


def invoke(command: click.Command, *arguments: str) -> Result:
    return CliRunner().invoke(cli, [str(command.name), *arguments, "--data-folder", "data"])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Sound minutes, and a price that jumps."""
    put_sound(tmp_path / "data")
    put(tmp_path / "data", DAILY, b"20240102 00:00,9,9,9,9,1\n20240103 00:00,90,90,90,90,1")
    return tmp_path / "data"


@pytest.mark.parametrize("command", [audit, repair], ids=["audit", "repair"])
def test_what_is_sound_ends_well(command: click.Command, folder: Path) -> None:
    result = invoke(command)
    assert (result.exit_code, result.stderr) == (0, "")


def test_damage_is_told(folder: Path) -> None:
    put_bytes(folder, MINUTE_PATH, b"")
    result = invoke(audit)
    assert result.exit_code == 6
    assert MINUTE_PATH in result.stdout
    told = json.loads(invoke(audit, "--json").stdout)
    assert [f["path"] for f in told["findings"] if f["severity"] == "damaged"] == [MINUTE_PATH]


def test_only_what_is_asked(folder: Path) -> None:
    put_bytes(folder, MINUTE_PATH, b"")
    assert invoke(audit, "SPY", "--resolution", "hour,daily").exit_code == 0
    assert invoke(audit, "QQQ,", "IWM").exit_code == 0
    assert invoke(audit, "QQQ, spy").exit_code == 6
    assert invoke(audit, "--start", "2024-01-04").exit_code == 0
    assert invoke(audit, "--end", "2024-01-03").exit_code == 6


def test_strict(folder: Path) -> None:
    result = invoke(audit, "--strict")
    assert result.exit_code == 6
    assert result.stderr == "Error: 1 finding suspicious, which --strict forbids.\n"
    assert invoke(audit, "--strict", "--resolution", "minute").exit_code == 0


def test_fail_under(folder: Path) -> None:
    asked = ("SPY", "--resolution", "minute", "--start", "2023-12-26", "--end", "2024-01-05")
    assert invoke(audit, *asked, "--fail-under", "50").exit_code == 0
    result = invoke(audit, *asked, "--fail-under", "50.1")
    assert result.exit_code == 6
    assert result.stderr == (
        "Error: 50.0 % of the sessions are there and sound, less than --fail-under 50.1.\n"
    )
    assert invoke(audit, "QQQ", "--fail-under", "1").exit_code == 6
    assert invoke(audit, "QQQ", "--fail-under", "101").exit_code == 2


@pytest.mark.parametrize(
    ("coverage", "words"),
    [(100.0, "100.0 %"), (99.999, "99.9 %"), (100 * 29 / 100, "29.0 %"), (100 * 0.29, "29.0 %")],
)
def test_coverage_is_rounded_down(coverage: float, words: str) -> None:
    assert percent(coverage) == words


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (AuthenticationError("no key; give one"), 4),
        (RateLimitedError("the quota is spent; wait"), 5),
        (UnavailableError("nobody answers; wait"), 7),
        (SourceError("the wire is cut; mend it"), 6),
    ],
)
def test_a_repair_says_why_nothing_was_fetched(
    error: SourceError, code: int, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_bytes(folder, MINUTE_PATH, b"")
    source = MemorySource(error=error, fails_after=0)
    monkeypatch.setattr(configured, "source", lambda _settings, _name: source)
    result = invoke(repair, "--sources", "polygon")
    assert result.exit_code == code
    assert result.stdout.startswith("data: still damaged; 0 of 1 session fetched\n")
    put_bytes(folder, "option/usa/minute/spy/20240103_quote_american.zip", b"")
    assert invoke(repair, "--sources", "polygon").exit_code == 6


def test_a_dry_run_says_what_would_be_fetched(folder: Path) -> None:
    put_bytes(folder, MINUTE_PATH, b"")
    result = invoke(repair, "--dry-run")
    assert result.exit_code == 6
    assert "1 session to be fetched again\n  minute SPY: 2024-01-03\n" in result.stdout
    told = json.loads(invoke(repair, "--dry-run", "--json", "--strict").stdout)
    assert [errand["resolution"] for errand in told["errands"]] == ["daily", "minute"]


@pytest.mark.parametrize("command", [audit, repair], ids=["audit", "repair"])
def test_what_is_wrong_is_told_in_a_sentence(command: click.Command, tmp_path: Path) -> None:
    result = invoke(command)
    assert result.exit_code == 4
    assert result.stderr.startswith("Error: There is no data folder data: ")
    (tmp_path / "data").mkdir()
    assert invoke(command, "--resolution", "weekly").exit_code == 2
    assert invoke(command, "S:PY").exit_code == 2


def test_series_and_kinds_are_plain_text(folder: Path) -> None:
    told = json.loads(invoke(audit, "--json").stdout)
    (jump,) = [f for f in told["findings"] if f["kind"] == Kind.JUMP.value]
    assert (jump["symbol"], jump["resolution"]) == (str(MINUTE.symbol), "daily")


@pytest.mark.parametrize("command", [audit, repair], ids=["audit", "repair"])
def test_options_are_looked_at_when_asked(command: click.Command, folder: Path) -> None:
    put_bytes(folder, "option/usa/minute/spy/20240103_trade_american.zip", b"")
    put_bytes(folder, MINUTE_PATH, b"")
    asked = ("SPY", "--security-type", "option", "--json")
    told = json.loads(invoke(command, *asked, *(["--dry-run"] * (command is repair))).stdout)
    findings = (told["before"] if command is repair else told)["findings"]
    assert {finding["path"].partition("/")[0] for finding in findings} == {"option"}
