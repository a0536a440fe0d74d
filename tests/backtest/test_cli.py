"""`leanfeed ensure --from-lean-run`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from leanfeed.cli import cli
from leanfeed.cli.exit_codes import ExitCode
from leanfeed.cli.lean_run import exit_code, fill
from tests.backtest.lean_results import minute, write_list, write_results

RESULTS = Path("backtests/2024-12-02_09-30-00")


def ensure(*arguments: str) -> Result:
    return CliRunner().invoke(
        cli, ["ensure", "--from-lean-run", "backtests", "--sources", "replay", *arguments]
    )


@pytest.fixture
def results(tmp_path: Path) -> Path:
    return tmp_path / "without-results"


@pytest.fixture(autouse=True)
def _backtest() -> None:
    write_list(RESULTS, minute("DEMO", "2024-11-26"), "equity/usa/hour/demo.zip", "custom/mood.csv")
    write_results(RESULTS, "2024-11-25", "2024-11-27")


def test_neither_symbols_nor_dates_are_needed() -> None:
    result = ensure()
    assert (result.exit_code, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert lines[0].endswith("20241202093000123.txt: 3 files that LEAN did not find")
    assert "minute DEMO: 1 written" in result.stdout
    assert "hour DEMO: 3 written" in result.stdout
    assert lines[-1] == "  not supported, custom/mood.csv: no file of bars"
    assert ensure("-q").output == ""


def test_json_has_all_of_it() -> None:
    shown = json.loads(ensure("--json").stdout)
    assert shown["complete"]
    assert shown["window"] == ["2024-11-25", "2024-11-27"]
    assert shown["unsupported"] == {"custom/mood.csv": "no file of bars"}
    assert shown["report"]["written_sessions"] == 4


def test_start_end_and_warmup_are_taken() -> None:
    result = ensure("--start", "2024-11-27", "--end", "2024-11-27", "--warmup", "1", "--json")
    (hour,) = (
        s for s in json.loads(result.stdout)["report"]["series"] if s["resolution"] == "hour"
    )
    assert hour["written"] == ["2024-11-26", "2024-11-27"]


def test_what_stays_missing_decides_the_exit_code() -> None:
    write_list(RESULTS, minute("DEMO", "2024-12-02"), stamp="20241203000000000")
    result = ensure()
    assert result.exit_code == 3
    assert "still missing" in result.stderr


def test_what_is_left_out_for_want_of_a_start_decides_too(results: Path) -> None:
    there, absent = minute("DEMO", "2024-11-26"), minute("DEMO", "2024-12-02")
    for lines, code in [
        ([there], ExitCode.COMPLETE),
        (["custom/mood.csv"], ExitCode.COMPLETE),
        ([there, "equity/usa/daily/demo.zip"], ExitCode.INCOMPLETE),
        (["equity/usa/daily/demo.zip"], ExitCode.INCOMPLETE),
        ([absent], ExitCode.INCOMPLETE),
    ]:
        write_list(results, *lines)
        assert exit_code(fill(results, {"sources": "replay"})) is code, lines


def test_nothing_to_fetch_is_a_success() -> None:
    write_list(RESULTS, "custom/mood.csv", stamp="20241203000000000")
    result = ensure()
    assert result.exit_code == 0
    assert "Nothing to fetch." in result.stdout


@pytest.mark.parametrize(
    ("arguments", "spelling"),
    [
        (["SPY"], "SYMBOL"),
        (["--resolution", "daily"], "--resolution"),
        (["--refresh", "all"], "--refresh"),
        (["--overwrite"], "--overwrite"),
    ],
)
def test_what_the_list_says_is_not_said_twice(arguments: list[str], spelling: str) -> None:
    result = ensure(*arguments)
    assert result.exit_code == 2
    assert result.stderr.endswith(f"leave out {spelling}.\n")


def test_a_folder_without_a_list_is_a_wrong_command_line() -> None:
    Path("elsewhere").mkdir()
    for folder in ("elsewhere", "nowhere"):
        result = CliRunner().invoke(cli, ["ensure", "--from-lean-run", folder])
        assert result.exit_code == 2
        assert folder in result.stderr


@pytest.mark.parametrize("command", ["ensure", "plan"])
@pytest.mark.parametrize(
    ("arguments", "lacking"),
    [
        (["--resolution", "daily", "--start", "2024-11-25"], "'SYMBOL...'"),
        (["DEMO", "--start", "2024-11-25"], "'--resolution'"),
        (["DEMO", "--resolution", "daily"], "'--start'"),
    ],
)
def test_without_the_option_everything_is_required(
    command: str, arguments: list[str], lacking: str
) -> None:
    result = CliRunner().invoke(cli, [command, *arguments])
    assert result.exit_code == 2
    assert f"Missing {'argument' if 'SYMBOL' in lacking else 'option'} {lacking}." in result.stderr
