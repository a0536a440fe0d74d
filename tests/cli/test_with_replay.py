"""The commands on the real pipeline, fed by the recording that comes with leanfeed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Run = Callable[..., Result]

pytestmark = pytest.mark.usefixtures("installed_version")

WINDOW = ("--start", "2024-10-31", "--end", "20241101")
REPLAY = (*WINDOW, "--sources", "replay")


def test_plan_then_ensure_then_nothing_is_left_to_do(run: Run, tmp_path: Path) -> None:
    question = ("DEMO", "THIN", "--resolution", "minute,daily", "--data-folder", "data", *REPLAY)
    assert json.loads(run("plan", *question, "--json").stdout)["missing"] == 8
    assert not (tmp_path / "data").exists()

    dry = run("ensure", *question, "--dry-run")
    assert (dry.exit_code, dry.stderr) == (3, "")
    assert not (tmp_path / "data").exists()

    first = run("ensure", *question, "--json")
    assert (first.exit_code, first.stderr) == (0, "")
    assert (tmp_path / "data/equity/usa/minute/demo/20241031_trade.zip").is_file()

    again = json.loads(run("ensure", *question, "--json").stdout)
    assert (again["cache_hits"], again["written_sessions"]) == (8, 0)
    assert run("ensure", *question, "--dry-run").exit_code == 0


def test_sessions_that_no_source_has_exit_with_3(run: Run) -> None:
    result = run("ensure", "NOBODY", "--resolution", "daily", *REPLAY)
    assert result.exit_code == 3
    assert "2 sessions still missing" in result.stdout
    assert result.stderr == "Error: 2 sessions still missing: the report says why.\n"


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--resolution", "fortnight", "--sources", "replay"), 2),
        (("--resolution", "daily", "--sources", "replay", "--end", "2024-13-01"), 2),
        (("--resolution", "daily", "--sources", "replay", "--warmup", "-1"), 2),
        (("--resolution", "daily", "--sources", "replay", "--config", "absent.toml"), 4),
        (("--resolution", "daily", "--sources", "reply"), 4),
        (("--resolution", "daily", "--sources", ","), 4),
    ],
)
def test_a_mistake_is_one_sentence(options: tuple[str, ...], code: int, run: Run) -> None:
    result = run("ensure", "DEMO", *WINDOW, *options)
    assert (result.exit_code, result.stdout) == (code, "")
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1


def test_the_bundled_sources_are_listed(run: Run) -> None:
    found = {source["name"]: source for source in json.loads(run("sources", "--json").stdout)}
    assert found["replay"]["usable"]
    assert found["replay"]["distribution"] == "leanfeed"


@pytest.mark.parametrize("options", [["-v"], ["--log-format", "text"], ["--log-format", "json"]])
def test_log_goes_to_standard_error(options: list[str], run: Run) -> None:
    result = run("ensure", "DEMO", "--resolution", "minute", *REPLAY, *options)
    assert result.exit_code == 0
    assert result.stdout.startswith("2024-10-31 … 2024-11-01 in data: complete")
    lines = result.stderr.splitlines()
    assert "run started" in lines[0]
    assert "run finished" in lines[-1]
    if "json" in options:
        assert json.loads(lines[0])["event"] == "leanfeed.run_start"
    assert any("leanfeed.session_stored" in line or "bars in" in line for line in lines) == (
        options == ["-v"]
    )
