"""What `leanfeed config show` prints."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Run = Callable[..., Result]


def test_every_value_with_its_origin(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLYGON_API_KEY", "hush-hush")
    Path("leanfeed.toml").write_text("lock_limit = 5\n[source.polygon]\nretries = 1")
    result = run("config", "show", "--data-folder", "bars")
    lines = result.stdout.splitlines()
    assert '  data_folder = "bars"  (argument)' in lines
    assert "  lock_limit = 5.0  (leanfeed.toml)" in lines
    assert "  retries = 1  (leanfeed.toml)" in lines
    assert '  api_key = "***"  (environment POLYGON_API_KEY)' in lines
    assert "  USE_POLYGON_NATIVE_DOWNLOADER = true  (default)" in lines
    assert f"  leanfeed.toml = {Path.cwd() / 'leanfeed.toml'}" in lines
    assert (result.exit_code, result.stderr) == (0, "")


def test_json_has_the_same(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLYGON_API_KEY", "hush-hush")
    monkeypatch.setenv("USE_POLYGON_NATIVE_DOWNLOADER", "no")
    result = run("config", "show", "--json", "--sources", "polygon,replay")
    shown = json.loads(result.stdout)
    assert shown["settings"]["sources"] == {
        "value": ["lean-cli", "replay"],
        "origin": "argument, changed by USE_POLYGON_NATIVE_DOWNLOADER",
    }
    assert shown["plugins"]["source.lean-cli"]["api_key"] == {
        "value": "***",
        "origin": "environment POLYGON_API_KEY",
    }
    assert "hush" not in result.output


def test_a_mistake_is_one_sentence(run: Run) -> None:
    Path("leanfeed.toml").write_text("sorces = []")
    result = run("config", "show")
    assert (result.exit_code, result.stdout) == (4, "")
    assert "did you mean 'sources'?" in result.stderr


def test_a_table_for_no_source_is_a_mistake_as_in_a_run(run: Run) -> None:
    Path("leanfeed.toml").write_text("[source.poligon]\nretries = 1")
    said = "There is no source named 'poligon': did you mean 'polygon'?"
    result = run("config", "show")
    assert result.exit_code == 4
    assert "[settings]" in result.stdout
    assert result.stderr == f"✗ [source.poligon] {said}\n"
    asked = ("ensure", "SPY", "--resolution", "minute", "--start", "2024-01-02")
    refused = run(*asked)
    assert (refused.exit_code, refused.stderr.splitlines()[-1]) == (4, f"Error: {said}")


def test_text_on_several_lines_stays_on_one(run: Run) -> None:
    Path("leanfeed.toml").write_text('[source.replay]\nfolder = "a\\nb = 1\\u001b[31m"')
    result = run("config", "show", "--sources", "replay")
    assert r'  folder = "a\nb = 1\u001b[31m"  (leanfeed.toml)' in result.stdout.splitlines()


@pytest.mark.parametrize(
    ("kind", "name", "setting"),
    [("planner", "calendar", "settle_minutes = 9"), ("writer", "lean", 'durability = "fast"')],
)
def test_a_table_without_a_name_does_not_choose(
    run: Run, kind: str, name: str, setting: str
) -> None:
    Path("leanfeed.toml").write_text(f"[{kind}]\n{setting}")
    lines = run("config", "show", "--sources", "replay").stdout.splitlines()
    assert f'  {kind} = "{name}"  (default)' in lines
    assert f"  {setting}  (leanfeed.toml)" in lines


def test_what_a_run_refuses_is_told(run: Run) -> None:
    Path("leanfeed.toml").write_text(
        "sources = ['polygon']\n[source.polygon]\ntier = 'gold'\n[planner]\nsettle_minutes = 'abc'"
    )
    result = run("config", "show")
    assert result.exit_code == 4
    assert '  tier = "gold"  (leanfeed.toml)' in result.stdout.splitlines()
    first, second = result.stderr.splitlines()
    assert first.startswith("✗ [source.polygon] The source 'polygon' does not accept its settings.")
    assert second.startswith("✗ [planner.calendar] ")
    assert "'abc' is not a number" in second
    result = run("config", "show", "--json")
    shown = json.loads(result.stdout)
    assert [f"✗ {text}" for text in shown["problems"]] == [first, second]
    assert result.exit_code == 4


def test_numbers_of_the_environment_are_numbers(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEANFEED_CALENDAR_SETTLE_MINUTES", "5")
    monkeypatch.setenv("LEANFEED_REPLAY_FOLDER", "12")
    lines = run("config", "show", "--sources", "replay").stdout.splitlines()
    assert "  settle_minutes = 5  (environment LEANFEED_CALENDAR_SETTLE_MINUTES)" in lines
    assert '  folder = "12"  (environment LEANFEED_REPLAY_FOLDER)' in lines


@pytest.mark.parametrize("minutes", ["-1", "1441", "1.5", "inf", "abc"])
def test_settle_minutes_is_a_number_of_minutes(
    run: Run, minutes: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEANFEED_CALENDAR_SETTLE_MINUTES", minutes)
    result = run("config", "show", "--sources", "replay")
    assert (result.exit_code, "It raised" in result.stderr) == (4, False)
    assert ": use " in result.stderr
