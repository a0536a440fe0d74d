"""Every command of the runbook that can be run is run, and its facts are those of the code."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pytest
from click.testing import CliRunner

import leanfeed
from leanfeed import errors
from leanfeed.cli import cli
from leanfeed.cli.exit_codes import ExitCode
from leanfeed.config.switches import FALLBACK, NATIVE
from tests.backtest.lean_results import minute, write_list, write_report, write_results

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/operating.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, flags=re.DOTALL | re.MULTILINE)


COMMANDS = [line.removeprefix("$ ") for block in blocks("console") for line in block.splitlines()]


@pytest.fixture
def _service(tmp_path: Path) -> None:
    """A working folder as the runbook supposes it, with a recording as the provider."""
    (tmp_path / "leanfeed.toml").write_text('data_folder = "data"\nsources = ["replay"]\n')
    leanfeed.ensure("DEMO", resolution="daily", start="2024-11-25", end="2024-11-29")
    results = tmp_path / "backtests/2024-12-02_09-30-00"
    write_list(results, minute("DEMO", "2024-11-26"), "equity/usa/hour/demo.zip")
    write_report(results, 2)
    write_results(results, "2024-11-25", "2024-11-29")


@pytest.mark.usefixtures("_service")
@pytest.mark.parametrize("command", [c for c in COMMANDS if "leanfeed " in c])
def test_a_command_of_leanfeed_works(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    words = shlex.split(command.replace("SPY", "DEMO"))
    at = words.index("leanfeed")
    for name, value in (word.split("=", 1) for word in words[:at]):
        monkeypatch.setenv(name, value)
    result = CliRunner().invoke(cli, words[at + 1 :])
    is_short = "--dry-run" in words and "ensure" in words
    assert result.exit_code == (ExitCode.INCOMPLETE if is_short else 0), result.output
    assert "the-new-key" not in result.output


@pytest.mark.usefixtures("_service")
@pytest.mark.parametrize("command", [c for c in COMMANDS if "leanfeed " not in c])
def test_another_command_is_one(command: str) -> None:
    words = shlex.split(command)
    if words[:3] == ["lean", "data", "download"]:
        contract = json.loads(
            (ROOT / "tests/lean_cli/contract-1.0.230.json").read_text(encoding="utf-8")
        )
        assert {word for word in words if word.startswith("--")} <= set(_spelt(contract))
    elif shutil.which(words[0]) is None or words[0] == "docker":
        pytest.skip(f"{words[0]} is not here")
    else:
        subprocess.run(words, check=True, capture_output=True)


def _spelt(value: object) -> Iterator[str]:
    """Every text in a value of JSON."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        for part in [*value, *(value.values() if isinstance(value, dict) else ())]:
            yield from _spelt(part)


@pytest.mark.usefixtures("_service")
def test_the_call_in_the_service_works() -> None:
    (code,) = blocks("python")
    for ticker in ("SPY", "AAPL", "QQQ"):
        code = code.replace(f'"{ticker}"', '"DEMO"')
    said = StringIO()
    with redirect_stdout(said):
        names: dict[str, object] = {}
        exec(code, names)
    assert names["report"].complete  # type: ignore[attr-defined]
    assert said.getvalue().endswith("100% complete\n")


def test_exit_codes_switches_errors_and_records_exist() -> None:
    codes = {int(code) for code in re.findall(r"^\| (\d+) \|", PAGE, flags=re.MULTILINE)}
    assert codes == set(ExitCode) - {ExitCode.DAMAGED, ExitCode.WORK_TO_DO}
    assert {NATIVE, FALLBACK} <= set(re.findall(r"`([A-Z_]{8,})`", PAGE))
    for name in re.findall(r"`(\w+Error)`", PAGE):
        assert name in errors.__all__ or name == "DataNotReadyError"
    monitoring = (ROOT / "docs/monitoring.md").read_text(encoding="utf-8")
    for record in re.findall(r"`((?:leanfeed\.(?!backtest)|polygon_downloader_)\w+)`", PAGE):
        assert f"`{record}`" in monitoring, record
